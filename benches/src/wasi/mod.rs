//! WASI: what its calls and its processes cost, beside `cat`, the bare calls of the system and
//! wasmtime. Wasmtime is embedded in Python, as `cargo xtask real-programs` has fetched it; without
//! that its column is left out.

mod calls;
mod copy;
mod instances;
mod sides;
mod start;

use sides::Sides;

/// A time, or another figure: the best one and the middle one.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    best: f64,
    median: f64,
}

impl Figure {
    /// Of several measurements of which the smallest is the best.
    fn of(mut all: Vec<f64>) -> Figure {
        all.sort_by(f64::total_cmp);
        Figure {
            best: all[0],
            median: all[all.len() / 2],
        }
    }

    /// In another unit.
    fn times(self, factor: f64) -> Figure {
        Figure {
            best: self.best * factor,
            median: self.median * factor,
        }
    }

    fn text(self) -> String {
        format!("{:.2} ({:.2})", self.median, self.best)
    }
}

/// A line of the table.
struct Row {
    name: &'static str,
    unit: &'static str,
    limpid: Figure,
    /// What does the same without WebAssembly, and its figure.
    bare: Option<(&'static str, Figure)>,
    wasmtime: Option<Figure>,
}

/// Measures everything and prints the table.
///
/// # Errors
/// When something cannot be built, run or read, or does not do what it must.
pub fn bench(filter: &str) -> Result<(), String> {
    let sides = Sides::find()?;
    println!(
        "{:<32} {:>3} {:>18} {:>30} {:>18}",
        "median (best)", "", "limpid", "without WebAssembly", "wasmtime"
    );
    if "copy".contains(filter) {
        copy::rows(&sides, &mut print)?;
    }
    if "calls".contains(filter) {
        calls::rows(&sides, &mut print)?;
    }
    if "start".contains(filter) {
        start::row(&sides, &mut print)?;
    }
    if "instances".contains(filter) {
        println!("{}", instances::line()?);
    }
    Ok(())
}

/// Prints a line as soon as it is there. The ratios are of medians; above 1 we are slower.
fn print(row: &Row) {
    let bare = match row.bare {
        Some((name, figure)) => format!("{name} {}", figure.text()),
        None => "-".into(),
    };
    let wasmtime = row.wasmtime.map_or("-".into(), Figure::text);
    print!(
        "{:<32} {:>3} {:>18} {bare:>30} {wasmtime:>18}",
        row.name,
        row.unit,
        row.limpid.text(),
    );
    let ratio = |theirs: Figure| row.limpid.median / theirs.median;
    if let Some((name, figure)) = row.bare {
        print!("  {:.2} of {name}", ratio(figure));
    }
    if let Some(figure) = row.wasmtime {
        print!("  {:.2} of wasmtime", ratio(figure));
    }
    println!();
}
