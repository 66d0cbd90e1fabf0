//! Many small things in one module: loading, translating and instantiating it must take time in
//! proportion to its size.

use super::alone::{alone, engines, refused, run};
use super::bytes::{body, cat, function, leb, module, section, sleb, vector};
use super::*;

/// Instantiates a module that needs nothing.
fn instantiates(bytes: &[u8]) {
    let engine = Engine::default();
    let module = Module::from_binary(&engine, bytes).expect("valid");
    Instance::new(Store::new(&engine, ()), &module, &[]).expect("no imports");
}

#[test]
fn locals_that_all_stand_deep_on_the_stack() {
    alone("many::locals_that_all_stand_deep_on_the_stack", 256, || {
        // 10,000 locals pushed, 40,000 constants above them, then each local written.
        let (locals, operands) = (10_000, 40_000);
        let mut code = Vec::new();
        for local in 1..=locals {
            code.extend(cat(&[&[0x20][..], &leb(local)]));
        }
        code.extend([0x41, 1].repeat(operands));
        for local in 1..=locals {
            code.extend(cat(&[&[0x41, 9, 0x21][..], &leb(local)]));
        }
        code.extend([0x6A].repeat(locals as usize + operands - 1));
        let locals = cat(&[&[1][..], &leb(locals), &[0x7F]]);
        for engine in engines() {
            let sum = run(&engine, &function(&locals, &code), 0).unwrap();
            assert_eq!(sum, operands as i32);
        }
    });
}

#[test]
fn constant_expressions_that_are_run() {
    alone("many::constant_expressions_that_are_run", 512, || {
        let count = 100_000;
        // 1 + 2, each.
        let global = [0x7F, 0, 0x41, 1, 0x41, 2, 0x6A, 0x0B].repeat(count);
        instantiates(&module(&[section(6, vector(count, global))]));
        let elems = [0x41, 1, 0xFB, 28, 0x0B].repeat(count);
        let elems = cat(&[&[1, 5, 0x6E][..], &vector(count, elems)]);
        instantiates(&module(&[section(9, elems)]));
        let count = 50_000;
        let data = [0, 0x41, 1, 0x41, 2, 0x6A, 0x0B, 1, 7].repeat(count);
        instantiates(&module(&[
            section(5, [1, 0, 1]),
            section(11, vector(count, data)),
        ]));
    });
}

#[test]
fn types_in_groups_of_every_size() {
    alone("many::types_in_groups_of_every_size", 1024, || {
        let count = 100_000;
        // Structs, each with a field that refers to the type before it.
        let mut chain = vec![0x5F, 0];
        for k in 1..count as u64 {
            chain.extend(cat(&[&[0x5F, 1, 0x63][..], &sleb(k - 1), &[0]]));
        }
        instantiates(&module(&[section(1, vector(count, chain))]));
        // One group in which each member refers to the next.
        let mut group = Vec::new();
        for k in 0..count as u64 {
            group.extend(cat(&[
                &[0x5F, 1, 0x63][..],
                &sleb((k + 1) % count as u64),
                &[0],
            ]));
        }
        let group = cat(&[&[1, 0x4E][..], &vector(count, group)]);
        instantiates(&module(&[section(1, group)]));
        // The same group over and over, and empty groups.
        let same = [0x4E, 2, 0x60, 0, 0, 0x5F, 1, 0x70, 0].repeat(count);
        instantiates(&module(&[section(1, vector(count, same))]));
        let empty = [0x4E, 0].repeat(count);
        instantiates(&module(&[section(1, vector(count, empty))]));
        // Groups that differ only late.
        let mut late = Vec::new();
        for k in 0..2_000u64 {
            let fields = [0x7F, 0].repeat(500);
            let last = leb(k % 2 + 0x7E);
            late.extend(cat(&[&[0x5F][..], &leb(501), &fields, &last[..1], &[0]]));
        }
        assert_eq!(
            refused(&module(&[section(1, vector(2_000, late))])),
            "accepted"
        );
    });
}

#[test]
fn chains_of_subtypes() {
    alone("many::chains_of_subtypes", 128, || {
        let chain = |length: u64| {
            let mut types = vec![0x50, 0, 0x5F, 0];
            for k in 0..length {
                types.extend(cat(&[&[0x50, 1][..], &leb(k), &[0x5F, 0]]));
            }
            module(&[section(1, vector(length as usize + 1, types))])
        };
        assert_eq!(refused(&chain(63)), "accepted");
        assert_ne!(refused(&chain(64)), "accepted");
        assert_ne!(refused(&chain(100_000)), "accepted");
        // 10,000 subtypes with 1,000 fields each would be 10 MB: 500 of them.
        let fields = [0x7F, 0].repeat(1_000);
        let mut types = cat(&[&[0x50, 0, 0x5F][..], &vector(1_000, &fields)]);
        for _ in 0..500 {
            types.extend(cat(&[&[0x50, 1, 0, 0x5F][..], &vector(1_000, &fields)]));
        }
        assert_eq!(
            refused(&module(&[section(1, vector(501, types))])),
            "accepted"
        );
    });
}

#[test]
fn types_as_wide_as_allowed() {
    alone("many::types_as_wide_as_allowed", 128, || {
        let structure = |fields: usize| {
            let fields = vector(fields, [0x7F, 1].repeat(fields));
            module(&[section(1, cat(&[&[1, 0x5F][..], &fields]))])
        };
        assert_eq!(refused(&structure(10_000)), "accepted");
        assert_eq!(refused(&structure(10_001)), "malformed");
        let func = |params: usize, results: usize| {
            let params = vector(params, [0x7E].repeat(params));
            let results = vector(results, [0x7E].repeat(results));
            module(&[section(1, cat(&[&[1, 0x60][..], &params, &results]))])
        };
        assert_eq!(refused(&func(1_000, 1_000)), "accepted");
        assert_eq!(refused(&func(1_001, 0)), "malformed");
        assert_eq!(refused(&func(0, 1_001)), "malformed");
        // Locals: 50,000, in one declaration or many.
        let locals = |count: u64| function(&cat(&[&[1][..], &leb(count), &[0x7F]]), &[0x20, 0]);
        assert_eq!(refused(&locals(50_000)), "accepted");
        assert_eq!(refused(&locals(50_001)), "malformed");
        let many = function(&vector(50_001, [1, 0x7F].repeat(50_001)), &[0x20, 0]);
        assert_eq!(refused(&many), "malformed");
    });
}

#[test]
fn exports_imports_and_empty_sections() {
    alone("many::exports_imports_and_empty_sections", 512, || {
        let count = 100_000usize;
        let name = |k: usize| format!("{k:06}");
        let mut exports = Vec::new();
        for k in 0..count {
            exports.extend(cat(&[&[6][..], name(k).as_bytes(), &[0, 0]]));
        }
        let func = [
            section(1, [1, 0x60, 0, 0]),
            section(3, [1, 0]),
            section(7, vector(count, exports)),
            section(10, vector(1, body(&[0], &[]))),
        ];
        instantiates(&module(&func));
        let mut imports = Vec::new();
        for k in 0..count {
            imports.extend(cat(&[&[1, b'm', 6][..], name(k).as_bytes(), &[0, 0]]));
        }
        let imports = [
            section(1, [1, 0x60, 0, 0]),
            section(2, vector(count, imports)),
        ];
        let engine = Engine::default();
        let importing = Module::from_binary(&engine, &module(&imports)).expect("valid");
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let exporting = Module::from_binary(&engine, &module(&func)).expect("valid");
        let exporting = Instance::new(&mut store, &exporting, &[]).expect("no imports");
        linker.instance(&mut store, "m", exporting).expect("new");
        linker.instantiate(&mut store, &importing).expect("linked");
        // A million custom sections without contents.
        let customs = module(&[section(0, [0]).repeat(1_000_000)]);
        assert_eq!(refused(&customs), "accepted");
    });
}
