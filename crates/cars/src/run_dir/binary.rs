//! The one place that knows bincode (2.0.1, its last version that works): values to bytes and back, in its standard
//! configuration. Versions and checksums are the envelope's business.

use bincode::config::standard;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Fault, RunDirError};

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, RunDirError> {
    bincode::serde::encode_to_vec(value, standard())
        .map_err(|error| RunDirError::Encode { reason: error.to_string() })
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let undecodable = |reason| Fault::Undecodable { reason };
    let (value, used) = bincode::serde::decode_from_slice(bytes, standard())
        .map_err(|error| undecodable(error.to_string()))?;
    match bytes.len() - used {
        0 => Ok(value),
        rest => Err(undecodable(format!("{rest} bytes are left over"))),
    }
}
