//! Which files of a lake's folder a date is read from, and which are named as left out.

use dbn::Schema;
use vp_ingest::{Input, RawDay, RawDaySpec, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{ProductType, Record};

use crate::dbn_file::{DAY, DAY_END, DAY_START, DbnFile, Folder, Mbo, es_session};

/// A lake with files of ESH4 in the folder of ES.
struct Files {
    folder: Folder,
    lake: Lake,
}

impl Files {
    fn new(files: &[(&str, DbnFile)]) -> Self {
        let folder = Folder::new();
        let lake = Lake::new(folder.path());
        let raw = lake.raw_mbo(ProductType::FutureMbo, "ES");
        for (name, file) in files {
            folder.write(raw.path().join(name).to_str().unwrap(), &file.bytes());
        }
        Self { folder, lake }
    }

    /// Reads the session of ESH4 on a date: the order ids and the files left out, or the error.
    fn read(&self, date: &str) -> Result<(Vec<u64>, Vec<String>), String> {
        let spec = SessionSpec {
            date: date.parse().unwrap(),
            ..es_session(Input::Lake(self.lake.clone()))
        };
        let mut source = Source::open(spec).map_err(|error| self.short(&error.to_string()))?;
        let left_out = source.left_out().iter();
        let left_out = left_out.map(|file| self.short(&file.to_string())).collect();
        let (mut ids, mut batch) = (Vec::new(), Vec::<Record>::new());
        while source.next_batch(&mut batch).unwrap() {
            ids.extend(batch.iter().map(|record| record.order_id));
        }
        Ok((ids, left_out))
    }

    /// Reads the raw day of ES: the contracts with their order ids, and the files left out.
    fn read_day(&self, date: &str) -> (Vec<(String, u64)>, Vec<String>) {
        let mut day = RawDay::open(&RawDaySpec {
            lake: self.lake.clone(),
            product_type: ProductType::FutureMbo,
            symbol: "ES".into(),
            root: "ES".into(),
            date: date.parse().unwrap(),
            instrument_id: None,
            publisher: None,
        })
        .unwrap();
        let (symbols, mut found) = (day.symbols().to_vec(), Vec::new());
        while day
            .read(|contract, message| found.push((symbols[contract].clone(), message.order_id)))
            .unwrap()
        {}
        let left_out = day.left_out_files().iter();
        let left_out = left_out.map(|file| self.short(&file.to_string())).collect();
        (found, left_out)
    }

    /// A message without the folder of the test.
    fn short(&self, text: &str) -> String {
        let raw = self.lake.raw_mbo(ProductType::FutureMbo, "ES");
        let text = text.replace(&format!("{}/", raw.path().display()), "");
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// An order that was received on the day that many days after 2023-12-25.
fn on(day: u64, order_id: u64) -> Mbo {
    Mbo {
        ts_recv: DAY_START + day * DAY + 7 * 3_600_000_000_000,
        ..Mbo::add(order_id)
    }
}

/// A file of ESH4 from the 25th to the 27th, one order a day.
fn three_days() -> DbnFile {
    DbnFile {
        mappings: vec![("ESH4", 17, [25, 28])],
        end: Some(DAY_END + 2 * DAY),
        ..DbnFile::new()
    }
    .with([on(0, 25), on(1, 26), on(2, 27)])
}

#[test]
fn a_file_whose_name_holds_a_range_serves_every_date_of_it() {
    let files = Files::new(&[("glbx-mdp3-20231225-20231227.mbo.dbn", three_days())]);
    for (date, id) in [("2023-12-25", 25), ("2023-12-26", 26), ("2023-12-27", 27)] {
        assert_eq!(files.read(date), Ok((vec![id], vec![])));
        assert_eq!(files.read_day(date), (vec![("ESH4".into(), id)], vec![]));
    }
    let error = files.read("2023-12-28").unwrap_err();
    assert!(
        error.contains("has no file of 2023-12-28; there are: 2023-12-25, 2023-12-26, 2023-12-27;"),
        "{error}"
    );
}

#[test]
fn a_file_serves_the_dates_that_its_metadata_cover() {
    // Its name holds no date, or only one of those that it covers.
    for name in ["christmas.mbo.dbn", "glbx-mdp3-20231226.mbo.dbn"] {
        let files = Files::new(&[(name, three_days())]);
        for (date, id) in [("2023-12-25", 25), ("2023-12-26", 26), ("2023-12-27", 27)] {
            assert_eq!(files.read(date), Ok((vec![id], vec![])), "{name}");
        }
        assert!(files.read("2023-12-24").is_err());
        assert!(files.read("2023-12-28").is_err());
    }
}

#[test]
fn metadata_are_asked_only_where_no_name_holds_the_date() {
    let files = Files::new(&[
        ("a-20231225.mbo.dbn", DbnFile::new().with([on(0, 1)])),
        ("no-date.mbo.dbn", three_days()),
        // Far from any date that is asked for, so that it is not even opened.
        ("b-20201225.mbo.dbn", three_days()),
    ]);
    assert_eq!(files.read("2023-12-25"), Ok((vec![1], vec![])));
    assert_eq!(files.read("2023-12-26"), Ok((vec![26], vec![])));
}

#[test]
fn a_file_that_cannot_be_read_covers_nothing() {
    let files = Files::new(&[("a.mbo.dbn", three_days())]);
    let raw = files.lake.raw_mbo(ProductType::FutureMbo, "ES");
    std::fs::write(raw.path().join("b.mbo.dbn"), "hello").unwrap();
    std::fs::create_dir(raw.path().join("c.mbo.dbn")).unwrap();
    assert_eq!(files.read("2023-12-25"), Ok((vec![25], vec![])));
}

#[test]
fn of_files_that_cover_the_same_the_one_with_fewest_days_is_read() {
    let files = Files::new(&[
        ("a-20231201-20231231.mbo.dbn", three_days()),
        ("b-20231226.mbo.dbn", {
            let daily = DbnFile {
                mappings: vec![("ESH4", 17, [26, 27])],
                ..DbnFile::new()
            };
            daily.with([on(1, 1)])
        }),
        ("c-20231225-20231227.mbo.dbn", three_days()),
    ]);
    let wider = |name: &str, by: &str| {
        format!("{name}.mbo.dbn is left out: {by}.mbo.dbn covers the same and spans fewer days")
    };
    let expected = vec![
        wider("a-20231201-20231231", "b-20231226"),
        wider("c-20231225-20231227", "b-20231226"),
    ];
    assert_eq!(files.read("2023-12-26"), Ok((vec![1], expected.clone())));
    assert_eq!(
        files.read_day("2023-12-26"),
        (vec![("ESH4".into(), 1)], expected)
    );
    let expected = vec![wider("a-20231201-20231231", "c-20231225-20231227")];
    assert_eq!(files.read("2023-12-27"), Ok((vec![27], expected)));
}

#[test]
fn files_of_equal_days_are_read_one_after_the_other() {
    let part = |id| DbnFile::new().with([on(0, id)]);
    let files = Files::new(&[
        ("a-20231225-20231227.0.mbo.dbn", part(1)),
        ("a-20231225-20231227.1.mbo.dbn", part(2)),
    ]);
    assert_eq!(files.read("2023-12-25"), Ok((vec![1, 2], vec![])));
}

#[test]
fn a_file_displaces_others_only_for_the_contracts_that_it_maps() {
    let both = DbnFile {
        mappings: vec![("ESH4", 17, [25, 28]), ("ESM4", 18, [25, 28])],
        ..DbnFile::new()
    };
    let other = Mbo {
        instrument_id: 18,
        ..on(0, 9)
    };
    let files = Files::new(&[
        ("a-20231225-20231227.mbo.dbn", both.with([on(0, 1), other])),
        ("b-20231225.mbo.dbn", DbnFile::new().with([on(0, 2)])),
    ]);
    let expected = vec![
        "a-20231225-20231227.mbo.dbn is left out for ESH4: b-20231225.mbo.dbn covers the same and \
         spans fewer days"
            .to_owned(),
    ];
    assert_eq!(
        files.read_day("2023-12-25"),
        (vec![("ESM4".into(), 9), ("ESH4".into(), 2)], expected)
    );
}

#[test]
fn a_download_displaces_recordings_however_many_days_it_spans() {
    let recording = || {
        DbnFile {
            end: None,
            ..DbnFile::new()
        }
        .with([on(0, 1)])
    };
    let alone = Files::new(&[
        ("live-20231225T000000Z.mbo.dbn", recording()),
        ("live-20231225T133000Z.mbo.dbn", recording()),
    ]);
    assert_eq!(alone.read("2023-12-25"), Ok((vec![1, 1], vec![])));
    let files = Files::new(&[
        ("glbx-mdp3-20231225-20231227.mbo.dbn", three_days()),
        ("live-20231225T000000Z.mbo.dbn", recording()),
    ]);
    let expected = vec![
        "live-20231225T000000Z.mbo.dbn is left out: it is a recording, and the download \
         glbx-mdp3-20231225-20231227.mbo.dbn covers the same"
            .to_owned(),
    ];
    assert_eq!(files.read("2023-12-25"), Ok((vec![25], expected.clone())));
    assert_eq!(
        files.read_day("2023-12-25"),
        (vec![("ESH4".into(), 25)], expected)
    );
}

/// A file of another schema, on the same date.
fn of_schema(schema: Schema) -> DbnFile {
    DbnFile {
        schema: Some(schema),
        ..DbnFile::new()
    }
}

#[test]
fn files_of_other_schemas_beside_are_left_out_and_named() {
    let files = Files::new(&[
        ("a-20231225.definition.dbn", of_schema(Schema::Definition)),
        ("a-20231225.mbo.dbn", DbnFile::new().with([on(0, 1)])),
        ("a-20231225.trades.dbn", of_schema(Schema::Trades)),
    ]);
    let expected = ["definition", "trades"].map(|schema| {
        format!("a-20231225.{schema}.dbn is left out: it holds records of the schema {schema}")
    });
    let expected = expected.to_vec();
    assert_eq!(files.read("2023-12-25"), Ok((vec![1], expected.clone())));
    assert_eq!(
        files.read_day("2023-12-25"),
        (vec![("ESH4".into(), 1)], expected)
    );
}

#[test]
fn a_date_without_the_schema_says_which_there_are() {
    let files = Files::new(&[
        ("a-20231225.definition.dbn", of_schema(Schema::Definition)),
        ("a-20231225.trades.dbn", of_schema(Schema::Trades)),
    ]);
    assert_eq!(
        files.read("2023-12-25").unwrap_err(),
        "a-20231225.definition.dbn holds records of the schema definition, expected mbo; \
         a-20231225.trades.dbn holds trades"
    );
}
