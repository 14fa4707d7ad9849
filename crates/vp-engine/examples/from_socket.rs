//! Feeds records from a TCP socket, a JSON line each, as a gateway of another system might send
//! them. Sender and receiver are threads of this process.
//!
//! `cargo run -p vp-engine --example from_socket`

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use vp_engine::{Engine, GridConfig, Record};
use vp_synth::{SynthConfig, SyntheticMarket};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = SynthConfig::preset("ESH6")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let market = SyntheticMarket::new(&session).into_records().take(50_000);
    let sender = thread::spawn(move || send(TcpStream::connect(address)?, market));

    let (socket, _) = listener.accept()?;
    let mut engine = Engine::new(GridConfig::new(session.tick()));
    for line in BufReader::new(socket).lines() {
        let record: Record = serde_json::from_str(&line?)?;
        let applied = engine.apply(&record);
        // A live feed is shown event by event: most records close theirs.
        if applied.commits > 0 && engine.grid().events().is_multiple_of(4000) {
            let grid = engine.grid();
            println!("event {:>5}: mid {:?}", grid.events(), grid.mid_price());
        }
    }
    sender.join().expect("the sender does not panic")?;
    Ok(())
}

fn send(socket: TcpStream, records: impl Iterator<Item = Record>) -> io::Result<()> {
    let mut out = BufWriter::new(socket);
    for record in records {
        serde_json::to_writer(&mut out, &record)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
