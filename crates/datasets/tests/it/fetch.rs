//! Fetching from a local server: whole, interrupted and continued, damaged, offline, into a folder that cannot be written.

use datasets::fetch::{FetchError, Network, Packing, Progress, Remote, RemoteFile, fetch};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// How the server answers one request.
#[derive(Clone, Copy)]
enum Answer {
    /// As it should.
    Well,
    /// It hangs up after so many bytes.
    Break(usize),
    /// It knows no ranges and sends everything.
    WithoutRanges,
    Status(u16),
}

/// Serves `content` under any path, one connection an answer; tells the range of each request.
fn serve(content: Vec<u8>, answers: Vec<Answer>) -> (String, Receiver<Option<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/set.bin", listener.local_addr().unwrap());
    let (tell, asked) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let range = range(&stream);
            tell.send(range).unwrap();
            // The client may hang up first.
            let _ = reply(&mut stream, &content, range, answer);
        }
    });
    (address, asked)
}

/// Reads a request's head: the first byte it asks for.
fn range(stream: &TcpStream) -> Option<usize> {
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    let head: Vec<String> =
        lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let first = head.iter().find_map(|line| line.strip_prefix("range: bytes="))?;
    Some(first.trim_end_matches('-').parse().unwrap())
}

fn reply(
    stream: &mut TcpStream,
    content: &[u8],
    range: Option<usize>,
    answer: Answer,
) -> std::io::Result<()> {
    let range = if matches!(answer, Answer::WithoutRanges) { None } else { range };
    let rest = &content[range.unwrap_or(0).min(content.len())..];
    let length = format!("Content-Length: {}\r\nConnection: close\r\n", rest.len());
    let head = match (answer, range) {
        (Answer::Status(status), _) => {
            return write!(stream, "HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        }
        (_, Some(first)) if first >= content.len() => {
            return write!(stream, "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n");
        }
        (_, Some(first)) => {
            let (last, all) = (content.len() - 1, content.len());
            format!("HTTP/1.1 206 Part\r\nContent-Range: bytes {first}-{last}/{all}\r\n{length}\r\n")
        }
        (_, None) => format!("HTTP/1.1 200 OK\r\n{length}\r\n"),
    };
    stream.write_all(head.as_bytes())?;
    match answer {
        Answer::Break(bytes) => stream.write_all(&rest[..bytes]),
        _ => stream.write_all(rest),
    }
}

fn content() -> Vec<u8> {
    (0..300_000_u32).map(|index| (index.wrapping_mul(index) >> 5) as u8).collect()
}

fn remote(url: String, content: &[u8]) -> Remote {
    let bytes = Sha256::digest(content);
    let sha256 = bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[digit as usize]));
    let sha256 = sha256.collect();
    let file = RemoteFile { url, name: "set.bin".into(), sha256 };
    Remote { name: "some-set".into(), files: vec![file], packing: Packing::Plain }
}

fn online(remote: &Remote, cache: &Path) -> Result<std::path::PathBuf, FetchError> {
    fetch(remote, cache, Network::Online, &mut |_: &Progress<'_>| ())
}

#[test]
fn a_set_is_fetched_once() {
    let cache = tempfile::tempdir().unwrap();
    let (url, asked) = serve(content(), vec![Answer::Well]);
    let remote = remote(url, &content());
    let mut last = None;
    let folder = fetch(&remote, cache.path(), Network::Online, &mut |progress| {
        last = Some((progress.received, progress.total));
    });
    let folder = folder.unwrap();
    assert_eq!(last, Some((300_000, Some(300_000))));
    assert!(fs::read(folder.join("set.bin")).unwrap() == content());
    // The server is gone, and not missed: neither online nor offline.
    assert_eq!(online(&remote, cache.path()).unwrap(), folder);
    assert_eq!(fetch(&remote, cache.path(), Network::Offline, &mut |_| ()).unwrap(), folder);
    assert_eq!(asked.iter().collect::<Vec<_>>(), [None]);
    assert!(!cache.path().join("some-set.partial").exists());
}

#[test]
fn an_interrupted_download_goes_on_where_it_stopped() {
    let cache = tempfile::tempdir().unwrap();
    let (url, asked) = serve(content(), vec![Answer::Break(100_000), Answer::Break(1_000), Answer::Well]);
    let remote = remote(url, &content());
    let error = online(&remote, cache.path()).unwrap_err();
    assert!(matches!(error, FetchError::Interrupted { received: 100_000, .. }), "{error}");
    assert!(error.to_string().contains("run the command again"), "{error}");
    assert!(!cache.path().join("some-set").exists(), "a part is not the set");
    assert!(matches!(online(&remote, cache.path()), Err(FetchError::Interrupted { received: 101_000, .. })));
    let folder = online(&remote, cache.path()).unwrap();
    assert!(fs::read(folder.join("set.bin")).unwrap() == content());
    assert_eq!(asked.iter().collect::<Vec<_>>(), [None, Some(100_000), Some(101_000)]);
}

#[test]
fn a_server_without_ranges_is_read_from_the_start() {
    let cache = tempfile::tempdir().unwrap();
    let (url, _asked) = serve(content(), vec![Answer::Break(100_000), Answer::WithoutRanges]);
    let remote = remote(url, &content());
    online(&remote, cache.path()).unwrap_err();
    let folder = online(&remote, cache.path()).unwrap();
    assert!(fs::read(folder.join("set.bin")).unwrap() == content());
}

#[test]
fn a_part_that_lacks_nothing_is_verified() {
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir(cache.path().join("some-set.partial")).unwrap();
    fs::write(cache.path().join("some-set.partial/set.bin.part"), content()).unwrap();
    let (url, _asked) = serve(content(), vec![Answer::Well]);
    assert!(online(&remote(url, &content()), cache.path()).is_ok());
}

#[test]
fn a_wrong_checksum_is_told_and_the_download_discarded() {
    let cache = tempfile::tempdir().unwrap();
    let (url, asked) = serve(b"something else".to_vec(), vec![Answer::Well, Answer::Well]);
    let remote = remote(url, &content());
    for _ in 0..2 {
        let error = online(&remote, cache.path()).unwrap_err();
        assert!(matches!(error, FetchError::Checksum { .. }), "{error}");
        assert!(error.to_string().contains(&remote.files[0].sha256), "{error}");
    }
    assert_eq!(asked.iter().collect::<Vec<_>>(), [None, None], "nothing was left to continue");
    assert!(!cache.path().join("some-set").exists());
}

#[test]
fn a_refusal_and_a_missing_server_are_told() {
    let cache = tempfile::tempdir().unwrap();
    let (url, _asked) = serve(content(), vec![Answer::Status(404)]);
    let error = online(&remote(url, &content()), cache.path()).unwrap_err();
    assert!(matches!(error, FetchError::Status { status: 404, .. }), "{error}");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = online(&remote(format!("http://127.0.0.1:{port}/x"), &content()), cache.path()).unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
}

#[test]
fn offline_never_asks() {
    let cache = tempfile::tempdir().unwrap();
    let (url, asked) = serve(content(), vec![Answer::Well]);
    let error = fetch(&remote(url, &content()), cache.path(), Network::Offline, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("some-set is not in"), "{error}");
    assert!(asked.try_recv().is_err(), "the server was asked");
    assert!(fs::read_dir(cache.path()).unwrap().next().is_none(), "and nothing was written");
}

#[test]
fn a_cache_that_cannot_be_written_is_told() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = online(&remote("http://127.0.0.1:1/x".into(), &content()), &file).unwrap_err();
    assert!(matches!(error, FetchError::Cache { .. }), "{error}");
    assert!(error.to_string().contains("--cache DIR"), "{error}");
}

#[test]
fn two_fetches_of_one_set_do_not_meet() {
    let cache = tempfile::tempdir().unwrap();
    let lock = fs::File::create(cache.path().join("some-set.lock")).unwrap();
    lock.lock().unwrap();
    let error = online(&remote("http://127.0.0.1:1/x".into(), &content()), cache.path()).unwrap_err();
    assert!(matches!(error, FetchError::Busy { .. }), "{error}");
}

#[test]
fn an_archive_is_unpacked_whole_or_not_at_all() {
    let cache = tempfile::tempdir().unwrap();
    let mut archive =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    archive.append_data(&mut header, "inner/data.bin", &b"bytes"[..]).unwrap();
    let archive = archive.into_inner().unwrap().finish().unwrap();
    let (url, _asked) = serve(archive.clone(), vec![Answer::Well]);
    let packing = Packing::Tar { folder: "inner".into() };
    let folder = online(&Remote { packing: packing.clone(), ..remote(url, &archive) }, cache.path()).unwrap();
    assert_eq!(fs::read(folder.join("data.bin")).unwrap(), b"bytes");
    assert!(!cache.path().join("some-set.partial").exists());
    fs::remove_dir_all(folder).unwrap();
    let cut = &archive[..archive.len() / 2];
    let (url, _asked) = serve(cut.to_vec(), vec![Answer::Well]);
    let error = online(&Remote { packing, ..remote(url, cut) }, cache.path()).unwrap_err();
    assert!(matches!(error, FetchError::Archive { .. }), "{error}");
    assert!(!cache.path().join("some-set").exists());
}
