//! What a run of the bench leaves: a table on standard output, and `bench.json` and `bench.svg`
//! below `target/bench`.

use crate::measure::Pair;
use std::fmt::Write as _;
use std::path::PathBuf;

/// One line of the report.
#[derive(Clone, Debug)]
pub struct Row {
    /// The kernel.
    pub name: String,
    /// The peer.
    pub peer: &'static str,
    /// Times.
    pub pair: Pair,
    /// Megabytes in each run, where that is what counts.
    pub megabytes: Option<f64>,
}

/// The rows as a table.
pub fn table(rows: &[Row]) -> String {
    let mut out = format!(
        "{:<22} {:>10} {:>10} {:>10} {:>10} {:>7}\n",
        "milliseconds", "limpid", "min", "peer", "min", "ratio"
    );
    for Row {
        name,
        peer,
        pair,
        megabytes,
    } in rows
    {
        let (ours, theirs) = (pair.ours, pair.theirs);
        let _ = write!(out, "{name:<22} {:>10.2} {:>10.2} ", ours.median, ours.min);
        let _ = write!(
            out,
            "{:>10.2} {:>10.2} {:>7.2}",
            theirs.median,
            theirs.min,
            pair.ratio()
        );
        let _ = write!(
            out,
            "  {peer}{}",
            if pair.ratio() < 1.0 { ", a loss" } else { "" }
        );
        if let Some(mb) = megabytes {
            let rate = |time: f64| mb / time * 1e3;
            let _ = write!(out, "; {:.0} MB/s", rate(ours.median));
            let _ = write!(out, " against {:.0} MB/s", rate(theirs.median));
        }
        out.push('\n');
    }
    out.push_str("ratio: the peer's median time by ours; above 1 we are faster\n");
    out
}

/// The rows as JSON.
pub fn json(rows: &[Row], dispatch: &str) -> String {
    let row = |row: &Row| {
        let (ours, theirs) = (row.pair.ours, row.pair.theirs);
        let mb = row.megabytes.map_or("null".into(), |mb| format!("{mb:.3}"));
        format!(
            "    {{ \"name\": \"{}\", \"peer\": \"{}\", \"limpid_ms\": {:.4}, \"limpid_min_ms\": \
             {:.4}, \"peer_ms\": {:.4}, \"peer_min_ms\": {:.4}, \"ratio\": {:.4}, \"megabytes\": \
             {mb} }}",
            row.name,
            row.peer,
            ours.median,
            ours.min,
            theirs.median,
            theirs.min,
            row.pair.ratio()
        )
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!(
        "{{\n  \"dispatch\": \"{dispatch}\",\n  \"rows\": [\n{}\n  ]\n}}\n",
        rows.join(",\n")
    )
}

/// The ratios as bars; those below 1 in another colour.
pub fn svg(rows: &[Row]) -> String {
    const BAR: f64 = 24.0;
    const LEFT: f64 = 190.0;
    const WIDTH: f64 = 460.0;
    let most = rows.iter().map(|row| row.pair.ratio()).fold(1.5, f64::max);
    let x = |ratio: f64| LEFT + ratio / most * WIDTH;
    let height = 60.0 + BAR * rows.len() as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"760\" height=\"{height}\" \
         fill=\"white\"/>\n<text x=\"10\" y=\"22\" font-size=\"15\">Peer's time by Limpid's; right \
         of the line Limpid is faster</text>\n"
    );
    for (k, row) in rows.iter().enumerate() {
        let (y, ratio) = (38.0 + BAR * k as f64, row.pair.ratio());
        // No figure lies on the line.
        let end = if ratio < 0.8 { ratio } else { ratio.max(1.0) };
        let colour = if ratio < 1.0 { "#c0504d" } else { "#4f81bd" };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{} ({})</text><rect x=\"{LEFT}\" \
             y=\"{y:.1}\" width=\"{:.1}\" height=\"18\" fill=\"{colour}\"/><text x=\"{:.1}\" \
             y=\"{:.1}\">{ratio:.2}</text>",
            LEFT - 8.0,
            y + 14.0,
            row.name,
            row.peer,
            x(ratio) - LEFT,
            x(end) + 6.0,
            y + 14.0,
        );
    }
    let _ = writeln!(
        out,
        "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"32\" y2=\"{1:.1}\" stroke=\"black\"/>\n</svg>",
        x(1.0),
        height - 14.0
    );
    out
}

/// Writes both files; says where.
pub fn write(rows: &[Row], dispatch: &str) -> std::io::Result<PathBuf> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("bench.json"), json(rows, dispatch))?;
    std::fs::write(dir.join("bench.svg"), svg(rows))?;
    Ok(dir)
}
