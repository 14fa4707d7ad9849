//! How grids are written, as it is typed.

use std::path::PathBuf;

use vp_wire::{Field, Float};

use crate::encode::Aging;
use crate::out::{Format, Layout, Style};

/// How the grids of `run` are written.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Grids")]
pub struct OutArgs {
    /// Write the grids to this file: .jsonl, .msgpack or .parquet; .jsonl.zst and .msgpack.zst are
    /// compressed. - is standard output; the summary goes to standard error then.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Form of the grids [default: that of the file's name].
    #[arg(long, requires = "out")]
    format: Option<Format>,
    /// What a row of a .parquet file is [default: bucket].
    #[arg(long, requires = "out")]
    layout: Option<Layout>,
    /// Columns to write, such as k,pressure_variant,vacuum_variant [default: all].
    #[arg(long, value_name = "A,B", requires = "out", value_parser = fields)]
    fields: Option<Fields>,
    /// Grids as their last events left them (frozen), or decayed to their own time (decayed).
    #[arg(
        long,
        value_name = "frozen|decayed",
        requires = "out",
        default_value = "frozen"
    )]
    view: Aging,
}

impl OutArgs {
    /// Returns how grids are written.
    pub fn style(&self) -> Style {
        let fields = self.fields.clone();
        Style {
            format: self.format,
            layout: self.layout,
            aging: self.view,
            fields: fields.map_or_else(|| Field::grid(Float::F64), |fields| fields.0),
        }
    }
}

/// A choice of columns, in the order of the wire.
#[derive(Clone, Debug)]
struct Fields(Vec<Field>);

fn fields(names: &str) -> Result<Fields, String> {
    let chosen = Field::select(names, Float::F64);
    chosen.map(Fields).map_err(|error| error.to_string())
}
