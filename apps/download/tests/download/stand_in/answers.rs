//! The stand-in's answers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::files::Ordered;
use super::{AUTHORIZATION, DAY_NS, Fault, Job, KEY, State};

type Body = BoxBody<Bytes, io::Error>;

/// What is answered, before anything goes wrong.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn json(value: &Value) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: value.to_string().into_bytes(),
        }
    }

    fn refusal(status: u16, detail: &Value) -> Self {
        Self {
            status,
            ..Self::json(&json!({"detail": detail}))
        }
    }
}

/// Answers a call.
pub(crate) async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    match decide(&state, &head, &body) {
        Some(answer) => answer,
        None => std::future::pending().await,
    }
}

/// Returns the answer to a call, or nothing if it is never answered.
fn decide(
    state: &Mutex<State>,
    head: &Parts,
    body: &Bytes,
) -> Option<Result<Response<Body>, io::Error>> {
    let path = head.uri.path().to_owned();
    let call = path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut state = state.lock().unwrap();
    let range = head
        .headers
        .get("range")
        .and_then(|range| range.to_str().ok());
    state
        .calls
        .push(format!("{call} {}", range.unwrap_or_default()));
    state.times.push(std::time::Instant::now());
    let (form, query) = (
        decode(&String::from_utf8_lossy(body)),
        decode(head.uri.query().unwrap_or_default()),
    );
    let fault = state.fault(&call, &format!("{path}?{query}&{form}"));
    match &fault {
        Some(Fault::KillBefore) => {
            state.kill();
            return Some(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Some(Fault::Silent) => return None,
        Some(Fault::CallLost) => return Some(Err(io::ErrorKind::ConnectionAborted.into())),
        Some(Fault::Status(status, headers, body)) => {
            let headers = headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            let answer = Answer {
                status: *status,
                headers: headers.collect(),
                body: body.clone().into_bytes(),
            };
            return Some(Ok(respond(&state, answer, None)));
        }
        _ => {}
    }
    let is_known = head
        .headers
        .get("authorization")
        .is_some_and(|value| value == AUTHORIZATION);
    let range = range.filter(|_| !matches!(fault, Some(Fault::NoRange)));
    let fields = fields(
        &String::from_utf8_lossy(body),
        head.uri.query().unwrap_or_default(),
    );
    let mut answer = if is_known {
        called(&mut state, &path, &call, fields, range)
    } else {
        // As a careless service would, it repeats what it was given.
        Answer::refusal(
            401,
            &json!(format!("Authorization failed: {KEY} is no key.")),
        )
    };
    Some(match fault {
        Some(Fault::KillAfter) => {
            state.kill();
            Err(io::ErrorKind::ConnectionAborted.into())
        }
        Some(Fault::AnswerLost) => Err(io::ErrorKind::ConnectionAborted.into()),
        Some(Fault::KillWithin) => {
            let after = answer.body.len() / 2;
            let victim = state.victim.take();
            Ok(respond(&state, answer, Some(Cut { after, victim })))
        }
        Some(Fault::Cut(after)) => {
            let victim = None;
            Ok(respond(&state, answer, Some(Cut { after, victim })))
        }
        Some(Fault::Corrupt) => {
            if let Some(byte) = answer.body.last_mut() {
                *byte ^= 1;
            }
            Ok(respond(&state, answer, None))
        }
        _ => Ok(respond(&state, answer, None)),
    })
}

/// Where a body breaks off, and whom that kills.
struct Cut {
    after: usize,
    victim: Option<u32>,
}

fn respond(state: &State, answer: Answer, cut: Option<Cut>) -> Response<Body> {
    let second = i64::try_from(state.now_ns() / 1_000_000_000).unwrap();
    let now = Timestamp::from_second(second).unwrap();
    let date = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .unwrap();
    let mut response = Response::builder()
        .status(answer.status)
        .header("date", date)
        .header("content-length", answer.body.len());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let mut body = answer.body;
    let Some(Cut { after, victim }) = cut.filter(|cut| cut.after < body.len()) else {
        let body = Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {});
        return response.body(body.boxed()).unwrap();
    };
    body.truncate(after);
    let sent = stream::once(async { Ok(Frame::data(Bytes::from(body))) });
    let end = stream::once(async move {
        // What has been sent leaves the buffers while this waits.
        for _ in 0..9 {
            tokio::task::yield_now().await;
        }
        super::kill(victim);
        Err(io::ErrorKind::ConnectionReset.into())
    });
    let body = StreamBody::new(sent.chain(end));
    response.body(BodyExt::boxed(body)).unwrap()
}

fn called(
    state: &mut State,
    path: &str,
    call: &str,
    fields: BTreeMap<String, String>,
    range: Option<&str>,
) -> Answer {
    let get = |name: &str| fields.get(name).cloned().unwrap_or_default();
    match call {
        "symbology.resolve" => resolve(state, &fields),
        "metadata.get_cost" => {
            let price = if get("schema") == "definition" {
                0.01
            } else {
                0.25
            };
            let count = u32::try_from(get("symbols").split(',').count()).unwrap();
            Answer::json(&json!(price * f64::from(count)))
        }
        "metadata.get_billable_size" => {
            Answer::json(&json!(1_000 * get("symbols").split(',').count()))
        }
        "timeseries.get_range" => Answer {
            status: 200,
            headers: Vec::new(),
            body: ordered(&fields).file(&state.world),
        },
        "batch.submit_job" => submit(state, fields),
        "batch.list_jobs" => {
            let since: u64 = get("since").parse().unwrap();
            let count = state.jobs.len();
            let listed: Vec<Value> = (0..count)
                .filter(|&index| state.jobs[index].received_ns >= since)
                .filter(|&index| state.jobs[index].late == 0)
                .map(|index| {
                    let full = describe(state, index);
                    json!({"id": full["id"], "state": full["state"], "ts_received": full["ts_received"]})
                })
                .filter(|job| job["state"] != "expired")
                .collect();
            for job in &mut state.jobs {
                job.listed += u32::from(job.late == 0);
                job.late = job.late.saturating_sub(1);
            }
            Answer::json(&Value::Array(listed))
        }
        "batch.get_job_details" => match find(state, &get("job_id")) {
            Some(index) => Answer::json(&describe(state, index)),
            None => Answer::refusal(404, &json!("no such job")),
        },
        "batch.list_files" => match find(state, &get("job_id")) {
            Some(index) => list_files(&state.jobs[index]),
            None => Answer::refusal(404, &json!("no such job")),
        },
        name if path.contains("/batch/download/") => {
            let mut files = state
                .jobs
                .iter()
                .filter(|job| path.contains(&job.id))
                .flat_map(|job| &job.files);
            match files.find(|file| file.0 == name) {
                Some(file) => download(&file.1, range),
                None => Answer::refusal(404, &json!("no such file")),
            }
        }
        _ => Answer::refusal(404, &json!("no such call")),
    }
}

fn resolve(state: &State, fields: &BTreeMap<String, String>) -> Answer {
    let (stype_in, stype_out) = (&fields["stype_in"], &fields["stype_out"]);
    let mut result = serde_json::Map::new();
    let mut not_found = Vec::new();
    for symbol in fields["symbols"].split(',') {
        let found = state.world.find(stype_in, symbol);
        if found.is_empty() {
            not_found.push(symbol);
        }
        for instrument in found {
            let id = instrument.id.to_string();
            let target = if stype_out == "raw_symbol" {
                &instrument.symbol
            } else {
                &id
            };
            // Families are resolved to the names of their members.
            let name = if stype_in == "parent" {
                &instrument.symbol
            } else {
                symbol
            };
            let interval =
                json!({"d0": fields["start_date"], "d1": fields["end_date"], "s": target});
            result.insert(name.to_owned(), json!([interval]));
        }
    }
    if stype_in == "parent" && !result.is_empty() {
        let interval = json!({"d0": fields["start_date"], "d1": fields["end_date"], "s": "9"});
        result.insert("UD:1V: GN 1".into(), json!([interval]));
    }
    let status = if not_found.is_empty() { 200 } else { 206 };
    Answer {
        status,
        ..Answer::json(&json!({"result": result, "partial": [], "not_found": not_found}))
    }
}

fn ordered(fields: &BTreeMap<String, String>) -> Ordered<'_> {
    Ordered {
        dataset: &fields["dataset"],
        schema: &fields["schema"],
        stype_in: &fields["stype_in"],
        symbols: fields["symbols"].split(',').collect(),
        start_ns: fields["start"].parse().unwrap(),
    }
}

fn submit(state: &mut State, fields: BTreeMap<String, String>) -> Answer {
    let order = ordered(&fields);
    let start = Timestamp::from_nanosecond(order.start_ns.into()).unwrap();
    let dataset = order.dataset.to_ascii_lowercase().replace('.', "-");
    let name = format!(
        "{dataset}-{}.{}.dbn.zst",
        start.strftime("%Y%m%d"),
        order.schema
    );
    let bytes = Arc::new(order.file(&state.world));
    let not_found = order.not_found(&state.world);
    let support = ("metadata.json".to_owned(), Arc::new(b"{}".to_vec()));
    let index = state.jobs.len();
    state.jobs.push(Job {
        id: format!("JOB-{:04}", index + 1),
        received_ns: state.now_ns(),
        listed: 0,
        late: state.late,
        files: vec![support, (name, bytes)],
        form: fields,
    });
    let mut answer = Answer::json(&describe(state, index));
    if !not_found.is_empty() {
        answer.status = 206;
        let warning = format!("not resolved: {}, says {KEY}", not_found.join(", "));
        answer
            .headers
            .push(("x-warning", json!([warning]).to_string()));
    }
    answer
}

fn find(state: &State, id: &str) -> Option<usize> {
    state.jobs.iter().position(|job| job.id == id)
}

/// The details of a job, in the form of the service.
fn describe(state: &State, index: usize) -> Value {
    let job = &state.jobs[index];
    let shown = |ns: u64| Timestamp::from_nanosecond(ns.into()).unwrap().to_string();
    let time = |name: &str| shown(job.get(name).parse().unwrap());
    let natural = ["queued", "processing", "done"][job.listed.min(2) as usize];
    let forced = state
        .states
        .get(&index)
        .filter(|(_, times)| job.listed < *times);
    let name = forced.map_or(natural, |(name, _)| name);
    json!({
        "id": job.id, "user_id": "TEST", "state": name, "ts_received": shown(job.received_ns),
        "cost_usd": (name == "done").then_some(0.2), "dataset": job.get("dataset"),
        "symbols": job.get("symbols"), "stype_in": job.get("stype_in"),
        "stype_out": job.get("stype_out"), "schema": job.get("schema"),
        "start": time("start"), "end": time("end"), "limit": null, "encoding": "dbn",
        "compression": "zstd", "pretty_px": false, "pretty_ts": false, "map_symbols": false,
        "split_symbols": false, "split_duration": "day", "split_size": null,
        "delivery": "download", "record_count": null, "billed_size": null, "actual_size": null,
        "package_size": null, "ts_queued": null, "ts_process_start": null,
        "ts_process_done": null, "ts_expiration": null, "progress": null,
    })
}

fn list_files(job: &Job) -> Answer {
    let describe = |(name, bytes): &(String, Arc<Vec<u8>>)| {
        let digest = Sha256::digest(bytes.as_slice());
        let digest = digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let url = format!(
            "https://elsewhere.invalid/v0/batch/download/TEST/{}/{name}",
            job.id
        );
        json!({"filename": name, "size": bytes.len(), "hash": format!("sha256:{digest}"), "urls": {"https": url}})
    };
    Answer::json(&job.files.iter().map(describe).collect())
}

fn download(bytes: &[u8], range: Option<&str>) -> Answer {
    let start = range.and_then(|range| {
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    });
    match start {
        None => Answer {
            status: 200,
            headers: Vec::new(),
            body: bytes.to_vec(),
        },
        Some(start) if start < bytes.len() => {
            let shown = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
            Answer {
                status: 206,
                headers: vec![("content-range", shown)],
                body: bytes[start..].to_vec(),
            }
        }
        Some(_) => Answer {
            status: 416,
            headers: Vec::new(),
            body: Vec::new(),
        },
    }
}

/// The fields of a form or query, and the length of the day.
fn fields(body: &str, query: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for pair in body.split('&').chain(query.split('&')) {
        if let Some((name, value)) = pair.split_once('=') {
            fields.insert(name.to_owned(), decode(value));
        }
    }
    if let (Some(start), Some(end)) = (fields.get("start"), fields.get("end")) {
        let (start, end): (u64, u64) = (start.parse().unwrap(), end.parse().unwrap());
        assert_eq!(end - start, DAY_NS, "every request is of one day");
    }
    fields
}

/// Undoes the encoding of forms.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}
