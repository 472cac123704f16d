//! One file over HTTP: into a `.part` file that a later call continues by a range request, then verified, synced and renamed.

use super::{FetchError, RemoteFile, rename, unwritable};
use crate::image_set::hexadecimal;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::http::Response;
use ureq::http::header::{CONTENT_RANGE, HeaderValue, RANGE};
use ureq::{Agent, Body};

/// How far the download of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes in the cache.
    pub received: u64,
    /// Bytes of the whole file, if the server says so.
    pub total: Option<u64>,
}

const BLOCK: usize = 1 << 16;

/// A server that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fetches `file` to `path`.
pub(super) fn download(
    file: &RemoteFile,
    path: &Path,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<(), FetchError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let mut out = File::options().create(true).append(true).open(part).map_err(unwritable(part))?;
    let had = out.metadata().map_err(unwritable(part))?.len();
    match request(file, had)? {
        Answer::Rest(response) => receive(file, response, had, &mut out, part, progress)?,
        Answer::Whole(response) => {
            out.set_len(0).map_err(unwritable(part))?;
            receive(file, response, 0, &mut out, part, progress)?;
        }
        Answer::Nothing => {}
    }
    out.sync_all().map_err(unwritable(part))?;
    verify(file, part)?;
    rename(part, path)
}

/// What the server sends.
enum Answer {
    /// The bytes that are missing.
    Rest(Response<Body>),
    /// All bytes.
    Whole(Response<Body>),
    /// There are no bytes beyond those asked from.
    Nothing,
}

fn request(file: &RemoteFile, had: u64) -> Result<Answer, FetchError> {
    let url = || file.url.clone();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE));
    let mut request = config.build().new_agent().get(&file.url);
    if had > 0 {
        request = request.header(RANGE, format!("bytes={had}-"));
    }
    let response =
        request.call().map_err(|error| FetchError::Unreachable { url: url(), reason: error.to_string() })?;
    match response.status().as_u16() {
        200 => Ok(Answer::Whole(response)),
        206 if starts_at(response.headers().get(CONTENT_RANGE), had) => Ok(Answer::Rest(response)),
        206 => {
            let reason = format!("it was asked for the bytes from {had} on and sends others");
            Err(FetchError::Unreachable { url: url(), reason })
        }
        416 if had > 0 => Ok(Answer::Nothing),
        status => Err(FetchError::Status { url: url(), status }),
    }
}

fn starts_at(range: Option<&HeaderValue>, first: u64) -> bool {
    let range = range.and_then(|value| value.to_str().ok()).unwrap_or("");
    range.strip_prefix("bytes ").is_some_and(|range| range.starts_with(&format!("{first}-")))
}

fn receive(
    file: &RemoteFile,
    response: Response<Body>,
    had: u64,
    out: &mut File,
    part: &Path,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<(), FetchError> {
    let body = response.into_body();
    let total = body.content_length().map(|rest| had + rest);
    let mut received = had;
    let interrupted =
        |received, reason: String| FetchError::Interrupted { url: file.url.clone(), received, reason };
    let mut stream = body.into_with_config().limit(u64::MAX).reader();
    let mut block = vec![0; BLOCK];
    loop {
        let read = match stream.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(interrupted(received, error.to_string())),
        };
        out.write_all(&block[..read]).map_err(unwritable(part))?;
        received += read as u64;
        progress(&Progress { file: &file.name, received, total });
    }
    match total {
        Some(total) if received < total => Err(interrupted(received, format!("of {total}"))),
        _ => Ok(()),
    }
}

/// Compares with the pinned sum; what differs is removed, for no range request could mend it.
fn verify(file: &RemoteFile, part: &Path) -> Result<(), FetchError> {
    let mut hash = Sha256::new();
    let mut stream = File::open(part).map_err(unwritable(part))?;
    let mut block = vec![0; BLOCK];
    loop {
        match stream.read(&mut block).map_err(unwritable(part))? {
            0 => break,
            read => hash.update(&block[..read]),
        }
    }
    let found = hexadecimal(&hash.finalize());
    if found == file.sha256 {
        return Ok(());
    }
    fs::remove_file(part).map_err(unwritable(part))?;
    Err(FetchError::Checksum { url: file.url.clone(), expected: file.sha256.clone(), found })
}
