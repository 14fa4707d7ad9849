//! What the table holds, and what it refuses.

use super::*;

/// A table of one future and the equities, with `replacement` in place of `line`.
fn table(line: &str, replacement: &str) -> Result<ProductTable, ProductError> {
    let text = concat!(
        "[equities]\ntick = \"0.01\"\nbucket = \"0.50\"\ngrid_max_ticks = 200\n",
        "multiplier = \"1\"\n[futures.XY]\ntick = \"0.1\"\ngrid_max_ticks = 7\n",
        "multiplier = \"0.5\"\n",
    );
    assert!(text.contains(line), "{line}");
    ProductTable::parse(&text.replacen(line, replacement, 1))
}

#[test]
fn the_embedded_table_is_that_of_the_specification() {
    let table = ProductTable::embedded();
    let shown: Vec<String> = table
        .roots()
        .map(|root| {
            let product = table.future(root).unwrap();
            assert_eq!(product.bucket, product.tick);
            let strikes = product.strikes.map_or(String::new(), |strikes| {
                format!(" {}x{}", strikes.step, strikes.max_offsets)
            });
            format!(
                "{root} {} {}{strikes} *{}",
                product.tick, product.grid_max_ticks, product.multiplier
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "6E 0.00005 200 0.005x10 *125000",
            "CL 0.01 200 0.5x10 *1000",
            "ES 0.25 200 5x10 *50",
            "GC 0.1 200 5x10 *100",
            "HG 0.0005 200 *25000",
            "M2K 0.1 200 *5",
            "MCL 0.01 200 *100",
            "MES 0.25 200 5x10 *5",
            "MGC 0.1 200 *10",
            "MNQ 0.25 400 5x10 *2",
            "MYM 1 200 *0.5",
            "NG 0.001 200 *10000",
            "NQ 0.25 400 5x10 *20",
            "RTY 0.1 200 *50",
            "SI 0.005 200 0.25x10 *5000",
            "SIL 0.005 200 *1000",
            "YM 1 200 *5",
            "ZB 0.03125 200 *1000",
            "ZN 0.015625 200 *1000",
        ]
    );
    let equity = table.equity("ARL");
    assert_eq!(equity.tick.to_string(), "0.01");
    assert_eq!(equity.bucket.to_string(), "0.5");
    assert_eq!(equity.grid_max_ticks, 200);
}

#[test]
fn a_price_is_shown_with_as_many_decimals_as_its_tick_needs_and_at_least_two() {
    let table = ProductTable::embedded();
    for (root, decimals) in [
        ("YM", 2),
        ("GC", 2),
        ("SI", 3),
        ("HG", 4),
        ("6E", 5),
        ("ZN", 6),
    ] {
        assert_eq!(
            table.future(root).unwrap().price_decimals(),
            decimals,
            "{root}"
        );
    }
}

#[test]
fn silver_and_micro_silver_are_told_apart() {
    let table = ProductTable::embedded();
    let root = |symbol| {
        table
            .instrument(ProductType::FutureMbo, symbol)
            .unwrap()
            .root
    };
    assert_eq!(root("SILH6"), "SIL");
    assert_eq!(root("SIH6"), "SI");
}

#[test]
fn an_unknown_root_lists_the_known_ones() {
    let error = ProductTable::embedded().instrument(ProductType::FutureMbo, "XXH6");
    let text = error.unwrap_err().to_string();
    assert!(
        text.starts_with(r#"unknown root "XX", known are: 6E, CL, ES, "#),
        "{text}"
    );
}

#[test]
fn symbols_of_the_wrong_form_are_refused() {
    let table = ProductTable::embedded();
    let refuse = |product_type, symbol| table.instrument(product_type, symbol).unwrap_err();
    let (future, equity) = (ProductType::FutureMbo, ProductType::EquityMbo);
    assert!(matches!(
        refuse(future, "ESH4-ESM4"),
        ProductError::NotContract { .. }
    ));
    assert!(matches!(
        refuse(future, "ES.FUT"),
        ProductError::Root { root, .. } if root == "ES"
    ));
    assert!(matches!(
        refuse(equity, "../ARL"),
        ProductError::NotTicker { .. }
    ));
}

#[test]
fn one_equity_may_differ_from_the_defaults() {
    let table = table(
        "[futures.XY]",
        "[equities.symbols.\"BRK.A\"]\nbucket = \"25\"\n[futures.XY]",
    )
    .unwrap();
    assert_eq!(table.equity("BRK.A").bucket.to_string(), "25");
    assert_eq!(table.equity("BRK.A").tick, table.equity("QQQ").tick);
    assert_eq!(table.equity("QQQ").bucket.to_string(), "0.5");
}

#[test]
fn values_that_no_product_can_have_are_refused_by_name() {
    for (line, replacement, message) in [
        (
            "tick = \"0.1\"",
            "tick = \"0\"",
            r#"the product table gives XY the tick "0": it must be more than zero"#,
        ),
        (
            "tick = \"0.1\"",
            "tick = \"1e-1\"",
            r#"the product table gives XY the tick "1e-1": not a plain decimal number such as 4800.25"#,
        ),
        (
            "bucket = \"0.50\"",
            "bucket = \"0.505\"",
            r#"the product table gives equities the bucket "0.505": it is no whole multiple of the tick 0.01"#,
        ),
        (
            "grid_max_ticks = 7",
            "grid_max_ticks = 0",
            r#"the product table gives XY the grid_max_ticks "0": it must be more than zero"#,
        ),
        (
            "multiplier = \"0.5\"",
            "multiplier = \"-1\"",
            r#"the product table gives XY the multiplier "-1": it must be more than zero"#,
        ),
        (
            "[futures.XY]",
            "[futures.xy]",
            r#"the product table gives xy the root "xy": a root is up to 8 capital letters and digits"#,
        ),
    ] {
        assert_eq!(table(line, replacement).unwrap_err().to_string(), message);
    }
}

#[test]
fn floats_and_unknown_keys_are_refused_with_their_line() {
    for replacement in ["tick = 0.1", "tick = \"0.1\"\ntack = 1"] {
        let text = table("tick = \"0.1\"", replacement)
            .unwrap_err()
            .to_string();
        assert!(text.contains("line 7") || text.contains("line 8"), "{text}");
    }
}

#[test]
fn buckets_are_whole_multiples_of_the_tick() {
    let table = ProductTable::embedded();
    let future = table.future("ES").unwrap();
    let share = table.equity("ARL");
    let with = |product: &Product, width: &str| {
        let found = product.with_bucket(width.parse().unwrap());
        found.map(|product| product.bucket.to_string())
    };
    assert_eq!(with(future, "0.50"), Ok("0.5".into()));
    assert_eq!(with(share, "0.01"), Ok("0.01".into()));
    assert_eq!(with(share, "1000"), Ok("1000".into()));
    for (product, width) in [
        (future, "0.30"),
        (future, "0"),
        (future, "-0.25"),
        (share, "0.005"),
        (share, "1000.01"),
    ] {
        let error = with(product, width).unwrap_err().to_string();
        assert!(
            error.starts_with("a bucket is a whole multiple of the tick"),
            "{error}"
        );
    }
}

#[test]
fn a_symbol_tells_its_product_type() {
    let table = ProductTable::embedded();
    for symbol in ["ESH4", "6EZ5", "ES", "ES.FUT", "XKH4"] {
        assert_eq!(
            table.product_type_of(symbol),
            ProductType::FutureMbo,
            "{symbol}"
        );
    }
    for symbol in ["QQQ", "BRK.B", "A"] {
        assert_eq!(
            table.product_type_of(symbol),
            ProductType::EquityMbo,
            "{symbol}"
        );
    }
}
