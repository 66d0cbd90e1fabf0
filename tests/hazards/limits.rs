//! Bad and extreme modules: each gets a typed error, a trap or its result, in bounded time and
//! memory, on a small host stack; the store is usable afterwards.

use super::alone::{alone, engines, refused, run};
use super::bytes::{HUGE, NONE, body, cat, function, leb, module, section, sized, vector};
use super::*;

#[test]
fn a_million_nested_constructs() {
    alone("limits::a_million_nested_constructs", 1200, || {
        let count = 1_000_000;
        let opens: [&[u8]; 4] = [
            &[0x02, 0x40],
            &[0x03, 0x40],
            &[0x41, 1, 0x04, 0x40],
            &[0x1F, 0x40, 0],
        ];
        for open in opens {
            let code = cat(&[&open.repeat(count)[..], &[0x0B].repeat(count), &[0x20, 0]]);
            for engine in engines().iter().take(if open == opens[0] { 2 } else { 1 }) {
                assert_eq!(run(engine, &function(NONE, &code), 7).unwrap(), 7);
            }
            if open == opens[0] {
                let dead = cat(&[&[0x00][..], &code]);
                let trapped = run(&Engine::default(), &function(NONE, &dead), 7);
                assert_eq!(trap(trapped), Trap::Unreachable);
            }
            assert_eq!(refused(&function(NONE, &open.repeat(count))), "malformed");
        }
    });
}

#[test]
fn huge_counts_with_nothing_behind_them() {
    alone("limits::huge_counts_with_nothing_behind_them", 64, || {
        let types = section(1, [1, 0x60, 0, 0]);
        let in_section = |id: u8, before: &[u8]| {
            let contents = cat(&[before, &HUGE]);
            module(&[types.clone(), section(3, [0]), section(id, contents)])
        };
        let in_code = |before: &[u8]| {
            let code = cat(&[before, &HUGE]);
            function(NONE, &code)
        };
        let mut cases = Vec::new();
        // Section 8 has an index and no vector.
        for id in (1..=13).filter(|&id| id != 8) {
            cases.push(module(&[section(id, HUGE)]));
        }
        let typed: [&[u8]; 8] = [
            &[1, 0x60],          // parameters
            &[1, 0x60, 0],       // results
            &[1, 0x5F],          // fields
            &[1, 0x4E],          // members of a group
            &[1, 0x50],          // supertypes
            &[1, 0x4F],          // supertypes of a final type
            &[1, 0x4E, 1, 0x60], // parameters in a group
            &[1, 0x50, 0, 0x5F], // fields of a subtype
        ];
        for before in typed {
            cases.push(module(&[section(1, cat(&[before, &HUGE]))]));
        }
        cases.push(in_section(2, &[1])); // module name of an import
        cases.push(in_section(2, &[1, 0])); // name of an import
        cases.push(in_section(7, &[1])); // name of an export
        cases.push(in_section(9, &[1, 0, 0x41, 0, 0x0B])); // functions of a segment
        cases.push(in_section(9, &[1, 1, 0])); // functions of a passive segment
        cases.push(in_section(9, &[1, 4, 0x41, 0, 0x0B])); // expressions of a segment
        cases.push(in_section(9, &[1, 5, 0x70])); // expressions of a passive segment
        cases.push(in_section(11, &[1, 0, 0x41, 0, 0x0B])); // bytes of a data segment
        cases.push(in_section(11, &[1, 1])); // bytes of a passive data segment
        cases.push(in_section(0, &[])); // name of a custom section
        cases.push(module(&[
            types.clone(),
            section(3, [1, 0]),
            section(10, cat(&[&[1][..], &HUGE])), // size of a body
        ]));
        cases.push(cat(&[&module::<&[u8]>(&[])[..], &[1], &HUGE])); // size of a section
        for locals in [&HUGE[..], &[1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]] {
            cases.push(module(&[
                types.clone(),
                section(3, [1, 0]),
                section(10, vector(1, sized(locals))), // locals, and how many of a type
            ]));
        }
        cases.push(in_code(&[0x41, 0, 0x0E])); // targets
        cases.push(in_code(&[0x41, 0, 0x41, 0, 0x41, 0, 0x1C])); // types of a select
        cases.push(in_code(&[0x1F, 0x40])); // clauses
        for (k, bytes) in cases.iter().enumerate() {
            assert_eq!(refused(bytes), "malformed", "case {k}");
        }
        // Counts that are no lengths of vectors: so many locals, so many elements on the stack.
        let locals = [&[2][..], &HUGE, &[0x7F], &HUGE, &[0x7E]];
        assert_eq!(refused(&function(&cat(&locals), &[0x20, 0])), "malformed");
        let array = module(&[
            section(1, [2, 0x60, 0, 0, 0x5E, 0x7F, 1]),
            section(3, [1, 0]),
            section(
                10,
                vector(1, body(NONE, &cat(&[&[0xFB, 8, 1][..], &HUGE, &[0x1A]]))),
            ),
        ]);
        assert_eq!(refused(&array), "invalid");
        // Names have no meaning: what is wrong with them is no error.
        let names = cat(&[&sized("name")[..], &[1, 6, 1, 0], &HUGE]);
        assert_eq!(refused(&module(&[section(0, names)])), "accepted");
        let names = cat(&[&sized("name")[..], &[1, 5], &HUGE]);
        assert_eq!(refused(&module(&[section(0, names)])), "accepted");
    });
}

#[test]
fn frames_past_the_window() {
    alone("limits::frames_past_the_window", 128, || {
        for engine in engines() {
            // 50,000 vectors are 100,000 cells.
            let locals = cat(&[&[1][..], &leb(50_000), &[0x7B]]);
            let set = cat(&[&[0x20, 0, 0xFD, 17, 0x21][..], &leb(50_000)]);
            let get = cat(&[&[0x20][..], &leb(50_000), &[0xFD, 27, 3]]);
            let code = cat(&[set, get]);
            let result = run(&engine, &function(&locals, &code), 5);
            assert_eq!(trap(result), Trap::StackOverflow);
            // 70,000 operands.
            let push = [0x20, 0].repeat(70_000);
            let code = cat(&[&push[..], &[0x6A].repeat(69_999)]);
            let result = run(&engine, &function(NONE, &code), 3);
            assert_eq!(trap(result), Trap::StackOverflow);
            // Just within: 60,000 operands.
            let push = [0x20, 0].repeat(60_000);
            let code = cat(&[&push[..], &[0x6A].repeat(59_999)]);
            assert_eq!(run(&engine, &function(NONE, &code), 3).unwrap(), 180_000);
        }
    });
}

#[test]
fn a_branch_table_of_a_million_targets() {
    alone("limits::a_branch_table_of_a_million_targets", 256, || {
        let count = 1_000_000;
        // Target 0 but for number 999,999, which is 1, and the default, which is 2.
        let mut targets = vec![0; count + 1];
        (targets[count - 1], targets[count]) = (1, 2);
        let blocks = [0x02, 0x40].repeat(3);
        let table = cat(&[&[0x20, 0, 0x0E][..], &leb(count as u64), &targets]);
        let ends = [0x0B, 0x41, 10, 0x0F, 0x0B, 0x41, 20, 0x0F, 0x0B, 0x41, 30];
        let code = cat(&[&blocks[..], &table, &ends]);
        for engine in engines() {
            let mut store = Store::new(&engine, ());
            let module = Module::from_binary(&engine, &function(NONE, &code)).expect("valid");
            let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
            for (index, wanted) in [
                (0, 10),
                (999_998, 10),
                (999_999, 20),
                (1_000_000, 30),
                (-1, 30),
            ] {
                let result: i32 = call(&mut store, instance, "f", index).unwrap();
                assert_eq!(result, wanted);
            }
        }
    });
}

#[test]
fn a_hundred_thousand_functions() {
    alone("limits::a_hundred_thousand_functions", 512, || {
        // Each calls the next, the last gives its parameter back.
        let count = 100_000;
        let mut bodies = Vec::new();
        for next in 1..count {
            bodies.extend(body(NONE, &cat(&[&[0x20, 0, 0x10][..], &leb(next)])));
        }
        bodies.extend(body(NONE, &[0x20, 0]));
        let funcs = [0].repeat(count as usize);
        let bytes = module(&[
            section(1, [1, 0x60, 1, 0x7F, 1, 0x7F]),
            section(3, vector(count as usize, funcs)),
            section(7, [1, 1, b'f', 0, 0]),
            section(10, vector(count as usize, bodies)),
        ]);
        for busy in [false, true] {
            let mut way = Way::new(Translation::Fused, Dispatch::Threaded, false);
            way.config.eager(busy);
            assert_eq!(run(&way.engine(), &bytes, 9).unwrap(), 9);
        }
    });
}

#[test]
fn names_of_ten_megabytes() {
    alone("limits::names_of_ten_megabytes", 256, || {
        let name = sized(vec![b'a'; 10 << 20]);
        let export = cat(&[&[1][..], &name, &[0, 0]]);
        let import = cat(&[&[1][..], &name, &[1, b'b', 0, 0]]);
        let types = section(1, [1, 0x60, 0, 0]);
        let func = [
            section(3, [1, 0]),
            section(7, export),
            section(10, [1, 2, 0, 0x0B]),
        ];
        assert_eq!(refused(&module(&[types.clone(), cat(&func)])), "malformed");
        assert_eq!(
            refused(&module(&[types.clone(), section(2, import)])),
            "malformed"
        );
        assert_eq!(refused(&module(&[section(0, &name)])), "malformed");
        // A function's name of that length, and many of them.
        let names = cat(&[&[1, 0][..], &name]);
        let names = cat(&[&sized("name")[..], &[1], &sized(names)]);
        let named = module(&[
            types.clone(),
            section(3, [1, 0]),
            section(10, [1, 3, 0, 0, 0x0B]),
            section(0, names),
        ]);
        assert_eq!(refused(&named), "accepted");
        let mut many = Vec::new();
        for k in 0..1_000_000 {
            many.extend(leb(k));
            many.extend([1, b'x']);
        }
        let names = cat(&[&sized("name")[..], &[1], &sized(vector(1_000_000, many))]);
        assert_eq!(refused(&module(&[section(0, names)])), "accepted");
    });
}
