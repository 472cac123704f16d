//! A Chromium without a window, driven by its DevTools protocol: real key strokes and pointer moves, and a record of
//! everything it complains about or asks a network for. Knows nothing of the pages.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    requests: ChildStdin,
    answers: Receiver<Value>,
    session: Option<String>,
    calls: u64,
    events: VecDeque<Value>,
    /// Errors of scripts, and other things the console shows.
    pub(crate) complaints: Vec<Value>,
    /// Addresses that were asked for.
    pub(crate) requested: Vec<String>,
    _profile: TempDir,
}

/// How long the browser may take for anything: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser named by `CARS_CHROMIUM`, or else the first of the usual names in the path.
fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CARS_CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|file| file.is_file())
}

impl Browser {
    /// Starts it with an empty page; none, and a word about it, if there is no browser.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = find() else {
            eprintln!("skipped: no Chromium in the path; CARS_CHROMIUM can name one");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // The protocol runs over the files 3 and 4, which a shell can make of what Rust can give it.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(&program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start a shell for {}: {error}", program.display()));
        let requests = process.stdin.take().unwrap();
        let answers = listen(process.stdout.take().unwrap());
        let mut browser = Self {
            process,
            requests,
            answers,
            session: None,
            calls: 0,
            events: VecDeque::new(),
            complaints: Vec::new(),
            requested: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for part in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{part}.enable"), json!({}));
        }
        browser.size(1280, 900);
        Some(browser)
    }

    /// Does what the protocol calls `method`, and returns its result.
    #[allow(clippy::needless_pass_by_value, reason = "callers write the parameters in place")]
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut request = json!({"id": self.calls, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        self.requests.write_all(format!("{request}\0").as_bytes()).unwrap();
        loop {
            let answer = self.next(method);
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push_back(answer);
        }
    }

    fn next(&mut self, what: &str) -> Value {
        let answer = self.answers.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to {what}"));
        match answer["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded") => {
                self.complaints.push(answer["params"].clone());
            }
            Some("Network.requestWillBeSent") => {
                self.requested.extend(answer["params"]["request"]["url"].as_str().map(str::to_owned));
            }
            _ => {}
        }
        answer
    }

    fn wait_for(&mut self, event: &str) {
        loop {
            let found = match self.events.pop_front() {
                Some(earlier) => earlier,
                None => self.next(event),
            };
            if found["method"] == event {
                return;
            }
        }
    }

    /// Opens a file and waits until it is there.
    pub(crate) fn open(&mut self, file: &Path) {
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        self.wait_for("Page.loadEventFired");
    }

    /// Does what F5 does.
    pub(crate) fn reload(&mut self) {
        self.events.clear();
        self.call("Page.reload", json!({}));
        self.wait_for("Page.loadEventFired");
    }

    /// The size of the window.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let result = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// The value of an expression that is a text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    /// Whether an expression is true.
    pub(crate) fn is(&mut self, expression: &str) -> bool {
        self.value(expression) == true
    }

    /// Presses a key that is called so and has this number.
    pub(crate) fn key(&mut self, name: &str, number: u32) {
        let text = match name {
            "Enter" => "\r",
            " " => " ",
            _ => "",
        };
        for kind in ["keyDown", "keyUp"] {
            let stroke = json!({"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": number, "text": text});
            self.call("Input.dispatchKeyEvent", stroke);
        }
    }

    /// Moves the pointer to the middle of the first element that a selector finds, scrolled into view.
    pub(crate) fn point_at(&mut self, selector: &str) -> (f64, f64) {
        let place = self.value(&format!(
            "(() => {{ const at = document.querySelector({selector:?}); at.scrollIntoView({{block: 'center'}}); \
             const box = at.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        let (x, y) = (place[0].as_f64().unwrap(), place[1].as_f64().unwrap());
        self.pointer("mouseMoved", x, y);
        (x, y)
    }

    /// Clicks there.
    pub(crate) fn click(&mut self, selector: &str) {
        let (x, y) = self.point_at(selector);
        self.pointer("mousePressed", x, y);
        self.pointer("mouseReleased", x, y);
    }

    /// Lets the pointer do something somewhere.
    pub(crate) fn pointer(&mut self, kind: &str, x: f64, y: f64) {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let event = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": 1});
        self.call("Input.dispatchMouseEvent", event);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without a session, this is to the browser; it may be gone already.
        let _ = self.requests.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let _ = self.answers.recv_timeout(Duration::from_secs(5));
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The messages of the browser, each ended by a zero.
fn listen(output: ChildStdout) -> Receiver<Value> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for message in BufReader::new(output).split(0).map_while(Result::ok) {
            let Ok(value) = serde_json::from_slice(&message) else { break };
            if send.send(value).is_err() {
                break;
            }
        }
    });
    receive
}
