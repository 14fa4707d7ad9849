//! The layer rule on made-up graphs.

use super::*;

fn local(name: &str, kind: Kind) -> Dependency {
    Dependency {
        name: name.into(),
        rename: None,
        kind,
        is_optional: false,
        is_local: true,
    }
}

fn foreign(name: &str, kind: Kind) -> Dependency {
    Dependency {
        is_local: false,
        ..local(name, kind)
    }
}

fn package(name: &str, dependencies: &[Dependency]) -> Package {
    Package {
        name: name.into(),
        dependencies: dependencies.to_vec(),
        ..Package::default()
    }
}

/// Checks one package and compares the violations as a person reads them.
fn judge(package: &Package, expected: &[&str]) {
    let found: Vec<String> = check(std::slice::from_ref(package))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_edges_of_the_table_are_allowed() {
    let engine = package(
        "vp-engine",
        &[
            local("vp-market", Kind::Normal),
            local("vp-book", Kind::Normal),
        ],
    );
    judge(&engine, &[]);
    judge(
        &package("vp-live", &[local("vp-engine", Kind::Normal)]),
        &[],
    );
}

#[test]
fn an_edge_outside_the_table_is_forbidden() {
    let book = package("vp-book", &[local("vp-engine", Kind::Normal)]);
    judge(
        &book,
        &["vp-book may not import vp-engine (dependency): the layer table has no such edge"],
    );
}

#[test]
fn a_dev_dependency_adds_testkit_and_synth_and_nothing_else() {
    let engine = package(
        "vp-engine",
        &[
            local("vp-testkit", Kind::Dev),
            local("vp-synth", Kind::Dev),
            local("vp-ingest", Kind::Dev),
        ],
    );
    judge(
        &engine,
        &["vp-engine may not import vp-ingest (dev-dependency): the layer table has no such edge"],
    );
}

#[test]
fn testkit_never_ships() {
    for kind in [Kind::Normal, Kind::Build] {
        let book = package("vp-book", &[local("vp-testkit", kind)]);
        let expected = format!("vp-book ships vp-testkit ({kind}): make it a dev-dependency");
        judge(&book, &[&expected]);
    }
}

#[test]
fn nothing_imports_an_app() {
    for from in ["vp-web", "velocity"] {
        let importer = package(from, &[local("vp-live", Kind::Dev)]);
        let expected = format!(
            "{from} imports the app vp-live (dev-dependency): \
             apps join crates, nothing imports an app"
        );
        judge(&importer, &[&expected]);
    }
}

#[test]
fn a_crate_without_a_row_is_refused() {
    judge(
        &package("vp-new", &[]),
        &["vp-new has no row in the layer table: add it with the crates it may import"],
    );
}

#[test]
fn an_import_of_itself_for_tests_is_no_edge() {
    judge(&package("vp-market", &[local("vp-market", Kind::Dev)]), &[]);
}

#[test]
fn a_package_of_the_registry_with_a_name_of_ours_is_no_edge() {
    judge(
        &package("vp-market", &[foreign("download", Kind::Normal)]),
        &[],
    );
}

#[test]
fn the_pure_crates_have_no_async_runtime_even_in_tests() {
    let engine = package(
        "vp-engine",
        &[foreign("tokio", Kind::Dev), foreign("smol", Kind::Normal)],
    );
    judge(
        &engine,
        &[
            "vp-engine depends on the async runtime smol (dependency): only the rim may",
            "vp-engine depends on the async runtime tokio (dev-dependency): only the rim may",
        ],
    );
}

#[test]
fn the_rim_and_the_apps_may_have_an_async_runtime() {
    for name in ["vp-transport", "vp-databento", "vp-live"] {
        judge(&package(name, &[foreign("tokio", Kind::Normal)]), &[]);
    }
}

#[test]
fn ingest_has_an_async_runtime_only_behind_its_feature_live() {
    let outside =
        ["vp-ingest depends on the async runtime tokio outside its feature `live`"].as_slice();
    let tokio = foreign("tokio", Kind::Normal);
    judge(&package("vp-ingest", std::slice::from_ref(&tokio)), outside);

    let optional = Dependency {
        is_optional: true,
        ..tokio
    };
    let mut ingest = package("vp-ingest", &[optional]);
    ingest
        .features
        .insert("live".into(), vec!["dep:tokio".into(), "tokio/net".into()]);
    ingest
        .features
        .insert("trace".into(), vec!["tokio?/tracing".into()]);
    judge(&ingest, &[]);

    ingest
        .features
        .insert("default".into(), vec!["dep:tokio".into()]);
    judge(&ingest, outside);
}

#[test]
fn an_edge_that_nobody_uses_goes() {
    let row = table::row("vp-book").unwrap();
    let found = |packages: &[Package]| -> Vec<String> {
        let unused = unused(row, packages);
        unused.iter().map(ToString::to_string).collect()
    };
    let book = |dependencies: &[Dependency]| [package("vp-book", dependencies)];
    assert!(found(&book(&[local("vp-market", Kind::Normal)])).is_empty());
    let expected = "vp-book does not import vp-market: take the edge out of the layer table";
    assert_eq!(found(&book(&[])), [expected]);
    let expected = "there is no crate vp-book: take its row out of the layer table";
    assert_eq!(found(&[]), [expected]);
}
