//! The errors that a client receives when a session cannot be opened or read on: a code of the closed
//! list, and what to do.

use vp_ingest::IngestError;
use vp_market::ProductError;
use vp_session::SessionError;
use vp_wire::{Error, ErrorCode};

use vp_cli::report;

/// Returns the message for a session that did not open.
pub(super) fn of_opening(error: &SessionError) -> Error {
    let code = match error {
        SessionError::Ingest(error) => code_of(error),
        SessionError::Other(_) | _ => ErrorCode::SourceFailed,
    };
    Error::new(code, report::chain(error)).with_hint(hint(code))
}

/// Returns the message for a session that cannot go on.
pub(super) fn of_running(error: &SessionError) -> Error {
    let hint = match error {
        SessionError::Ingest(IngestError::Changed { .. }) => {
            "connect again to replay what is there now"
        }
        SessionError::Ingest(_) | SessionError::Other(_) | _ => {
            "everything before the break has been sent; fetch the file again"
        }
    };
    Error::new(ErrorCode::SourceFailed, report::chain(error)).with_hint(hint)
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
