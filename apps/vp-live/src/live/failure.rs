//! What a viewer is told when a session cannot be opened or cannot go on: a code of the closed
//! list, and what to do.

use vp_ingest::IngestError;
use vp_market::ProductError;
use vp_wire::{Error, ErrorCode};

use vp_cli::report;

/// Returns the message for a session that did not open.
pub(super) fn of_opening(error: &anyhow::Error) -> Error {
    let code = error
        .downcast_ref::<IngestError>()
        .map_or(ErrorCode::SourceFailed, code_of);
    Error::new(code, report::chain(error.as_ref())).with_hint(hint(code))
}

/// Returns the message for a session that cannot go on.
pub(super) fn of_running(error: &anyhow::Error) -> Error {
    let hint = match error.downcast_ref::<IngestError>() {
        Some(IngestError::Changed { .. }) => "connect again to replay what is there now",
        _ => "everything before the break has been sent; fetch the file again",
    };
    Error::new(ErrorCode::SourceFailed, report::chain(error.as_ref())).with_hint(hint)
}

/// Returns the message for a symbol that no product fits.
pub(super) fn of_product(error: &ProductError) -> Error {
    Error::new(ErrorCode::UnknownSymbol, error.to_string())
        .with_hint(hint(ErrorCode::UnknownSymbol))
}

fn code_of(error: &IngestError) -> ErrorCode {
    match error {
        IngestError::NoDate { .. } | IngestError::NotMappedOnDate { .. } => ErrorCode::UnknownDate,
        IngestError::NoFolder { .. } | IngestError::UnknownSymbol { .. } => {
            ErrorCode::UnknownSymbol
        }
        // What is wrong with a file itself, and whatever may be added to the list.
        IngestError::Layout(_) | IngestError::Dbn(_) | _ => ErrorCode::SourceFailed,
    }
}

fn hint(code: ErrorCode) -> &'static str {
    if matches!(code, ErrorCode::UnknownSymbol | ErrorCode::UnknownDate) {
        "GET /v1/sessions lists what can be streamed"
    } else {
        "the server's log says more"
    }
}
