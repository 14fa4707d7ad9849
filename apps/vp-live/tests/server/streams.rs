//! What is streamed is what the library computes, at every speed and for every client.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Completion, Trial};
use vp_market::ProductType;
use vp_testkit::program::ran_before_head;
use vp_wire::{GridUpdate, ServerMessage};

use super::expected::{Asked, assert_same};
use super::running::{Running, lake, trial, trial_on_real_data};

const SYNTHETIC: Asked = Asked {
    product_type: ProductType::FutureMbo,
    symbol: "MNQH6",
    dt: "2026-02-06",
    start: "09:30:01",
    end: "09:30:04",
    throttle_ms: 25,
};

const ES: Asked = Asked {
    product_type: ProductType::FutureMbo,
    symbol: "ESH4",
    dt: "2023-12-25",
    start: "18:00",
    end: "18:20",
    throttle_ms: 25,
};

const ARL: Asked = Asked {
    product_type: ProductType::EquityMbo,
    symbol: "ARL",
    dt: "2025-07-17",
    start: "09:30",
    end: "15:59:59",
    throttle_ms: 0,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "the_synthetic_stream_is_what_the_library_computes",
            || async {
                let server = Running::start(&[]);
                check(
                    &server,
                    &SYNTHETIC,
                    "synthetic",
                    SYNTHETIC.grids_of_market(),
                )
                .await;
            },
        ),
        trial_on_real_data(
            "the_stream_of_esh4_is_what_the_library_computes",
            async |path| {
                let server = Running::start(&lake(&path));
                check(&server, &ES, "file", ES.grids_of_lake(&path)).await;
            },
        ),
        trial_on_real_data(
            "the_stream_of_arl_is_what_the_library_computes",
            async |path| {
                let server = Running::start(&lake(&path));
                check(&server, &ARL, "file", ARL.grids_of_lake(&path)).await;
            },
        ),
        trial(
            "the_sequence_is_the_same_at_every_speed",
            same_at_every_speed,
        ),
        trial(
            "chosen_columns_and_narrow_floats_are_those_of_the_whole_grid",
            chosen_columns,
        ),
        trial(
            "the_decayed_view_is_carried_to_the_time_of_the_grid",
            decayed_view,
        ),
        trial(
            "sessions_products_replays_and_metrics_tell_what_is",
            tells_what_is,
        ),
        trial("tail_ends_quietly_with_its_reader", tail_before_head),
        Trial::ignorable_test("the_python_client_agrees", python_agrees),
    ]
}

async fn check(
    server: &Running,
    asked: &Asked,
    source: &str,
    expected: Vec<vp_engine::GridSnapshot>,
) {
    assert!(
        expected.len() > 50,
        "only {} grids are expected",
        expected.len()
    );
    let query = asked.query(&format!("source={source}&speed=0&lossless=1"));
    let mut viewer = server.connect(&query).await;
    let config = viewer.config().await;
    assert_eq!((config.protocol, config.symbol.as_str()), (1, asked.symbol));
    let content = config.grids().unwrap();
    assert_eq!((content.grid_rows, content.fields.len()), (101, 21));
    let (grids, code) = viewer.all_grids().await;
    assert_eq!(code, 1000);
    assert_eq!(grids.len(), expected.len());
    for (index, (found, expected)) in grids.iter().zip(&expected).enumerate() {
        assert_eq!(found.seq, index as u64 + 1);
        assert_same(found, expected);
    }
}

async fn same_at_every_speed() {
    let server = Running::start(&[]);
    let mut streams = Vec::new();
    for speed in ["1", "50", "0"] {
        let query = SYNTHETIC.query(&format!("speed={speed}&lossless=1"));
        streams.push(server.connect(&query).await.all_grids().await.0);
    }
    assert!(streams[0].len() > 50);
    assert_eq!(streams[0], streams[1]);
    assert_eq!(streams[1], streams[2]);
}

async fn chosen_columns() {
    let server = Running::start(&[]);
    let rest = "speed=0&lossless=1";
    let whole = server
        .connect(&SYNTHETIC.query(rest))
        .await
        .all_grids()
        .await
        .0;
    let chosen = format!("{rest}&fields=v_add,k,rest_depth&float=f32");
    let mut viewer = server.connect(&SYNTHETIC.query(&chosen)).await;
    let config = viewer.config().await;
    let fields = &config.grids().unwrap().fields;
    let names: Vec<_> = fields.iter().map(|field| &*field.name).collect();
    assert_eq!(names, ["k", "rest_depth", "v_add"]);
    let (narrow, _) = viewer.all_grids().await;
    assert_eq!(narrow.len(), whole.len());
    for (narrow, whole) in narrow.iter().zip(&whole) {
        assert_eq!(narrow.columns.len(), 3);
        assert_eq!(narrow.column("k"), whole.column("k"));
        for name in ["rest_depth", "v_add"] {
            let (narrow, whole) = (narrow.column(name).unwrap(), whole.column(name).unwrap());
            for row in 0..101 {
                #[expect(clippy::cast_possible_truncation, reason = "the narrowing under test")]
                let expected = f64::from(whole.get_f64(row).unwrap() as f32);
                assert_eq!(narrow.get_f64(row).unwrap().to_bits(), expected.to_bits());
            }
        }
    }
}

async fn decayed_view() {
    let server = Running::start(&[]);
    let rest = "speed=0&lossless=1&fields=k,add_mass,rest_depth,last_event_id";
    let frozen = server
        .connect(&SYNTHETIC.query(rest))
        .await
        .all_grids()
        .await
        .0;
    let query = SYNTHETIC.query(&format!("{rest}&view=decayed"));
    let decayed = server.connect(&query).await.all_grids().await.0;
    assert_eq!(frozen.len(), decayed.len());
    let mut has_decayed = false;
    for (frozen, decayed) in frozen.iter().zip(&decayed) {
        for name in ["rest_depth", "last_event_id"] {
            assert_eq!(frozen.column(name), decayed.column(name));
        }
        for row in 0..101 {
            let mass =
                |grid: &GridUpdate<'_>| grid.column("add_mass").unwrap().get_f64(row).unwrap();
            assert!(mass(decayed) <= mass(frozen));
            has_decayed |= mass(decayed) < mass(frozen);
        }
    }
    assert!(has_decayed);
}

async fn tells_what_is() {
    let server = Running::start(&[]);
    assert!(
        server.printed.contains("session MNQH6 2026-02-06"),
        "{}",
        server.printed
    );
    let mut viewer = server.connect("speed=10").await;
    viewer.grid().await;
    let (status, health) = server.get("/health");
    assert_eq!(status, 200);
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["service"], "vacuum-pressure-live");
    let (_, sessions) = server.get("/v1/sessions");
    let sessions: serde_json::Value = serde_json::from_str(&sessions).unwrap();
    assert_eq!(sessions["sessions"][0]["source"], "synthetic");
    assert_eq!(sessions["sessions"][0]["symbol"], "MNQH6");
    assert!(server.get("/v1/products").1.contains("\"MNQ\""));
    let (_, replays) = server.get("/v1/replays");
    let replays: serde_json::Value = serde_json::from_str(&replays).unwrap();
    assert_eq!(replays["replays"][0]["viewers"], 1);
    // The key is a query that asks for the same replay.
    let key = replays["replays"][0]["key"].as_str().unwrap();
    assert_eq!(
        key,
        "source=synthetic&product_type=future_mbo&symbol=MNQH6&bucket=0.25&dt=2026-02-06&speed=10\
         &throttle_ms=25&view=frozen&float=f64"
    );
    server.connect(key).await.grid().await;
    let (status, page) = server.get("/");
    assert_eq!(status, 200);
    assert!(page.contains("Spymaster"));
    assert_eq!(server.get("/vacuum-pressure.html"), (status, page));
    assert_eq!(server.get("/nowhere").0, 404);
    // A status comes each second; what it counted is then in the metrics.
    viewer.status().await;
    viewer.status().await;
    let (_, metrics) = server.get("/metrics");
    let value = |name: &str| -> f64 {
        let line = metrics
            .lines()
            .find(|line| line.starts_with(&format!("spymaster_{name} ")));
        line.unwrap_or_else(|| panic!("{name} in {metrics}"))
            .rsplit(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!((value("replays"), value("viewers")), (1.0, 1.0));
    assert!(value("records_total") >= value("events_total"));
    assert!(value("events_total") >= value("grids_encoded_total"));
    assert!(value("grids_encoded_total") >= value("grids_sent_total"));
    assert!(value("bytes_sent_total") > 16_000.0 * value("grids_sent_total"));
}

/// Runs the documented Python client on a stream and compares what it prints with what the Rust
/// client decodes.
fn python_agrees() -> Result<Completion, libtest_mimic::Failed> {
    let python = std::env::var("SPYMASTER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python)
        .args(["-c", "import websockets, msgpack, numpy"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return Ok(Completion::ignored_with(
            "Python has no websockets, msgpack and numpy",
        ));
    }
    let server = Running::start(&[]);
    let query = SYNTHETIC.query("speed=0&lossless=1");
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/client.py");
    let output = Command::new(&python)
        .arg(client)
        .arg(server.url(&query))
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8(output.stdout)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let expected = runtime.block_on(async {
        let mut viewer = server.connect(&query).await;
        let mut lines = Vec::new();
        while let Ok(Some(message)) = viewer.client.next().await {
            if let ServerMessage::GridUpdate(grid) = message {
                lines.push(described(&grid));
            }
        }
        lines
    });
    let found: Vec<_> = printed.lines().map(parsed).collect();
    assert!(found.len() > 50);
    assert_eq!(found, expected);
    Ok(Completion::Completed)
}

/// What `docs/client.py` prints of a grid: seq, time, mid and the depth of all rows.
type Line = (u64, u64, Option<f64>, f64);

fn described(grid: &GridUpdate<'_>) -> Line {
    let rest = grid.column("rest_depth").unwrap();
    let depth = (0..rest.len()).filter_map(|row| rest.get_f64(row)).sum();
    (grid.seq, grid.ts_ns, grid.mid_price, depth)
}

fn parsed(line: &str) -> Line {
    let words: Vec<_> = line.split(' ').collect();
    let [seq, ts_ns, mid, depth] = words[..] else {
        panic!("{line:?} is not a line of the client")
    };
    (
        seq.parse().unwrap(),
        ts_ns.parse().unwrap(),
        mid.parse().ok(),
        depth.parse().unwrap(),
    )
}

async fn tail_before_head() {
    let server = Running::start(&[]);
    for more in [&["--json"][..], &[]] {
        for lines in [0, 1, 3] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_vp-live"));
            command.arg("tail").arg(server.url("speed=10")).args(more);
            let ran = ran_before_head(&mut command, lines);
            assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{more:?}");
        }
    }
}
