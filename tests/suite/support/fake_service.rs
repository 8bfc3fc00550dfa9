//! A service written by hand: it answers what a test says, in the way a test says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `POST /v1/feeds?mode=import HTTP/1.1`.
    pub(crate) line: String,
    /// All headers, in small letters.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// What to do with a request.
pub(crate) enum Answer {
    /// Answer so.
    Say(String),
    /// Drop the connection; the body may not be read.
    Cut,
}

/// An answer with a status, further headers, each with its line break, and a body.
pub(crate) fn say(status: u16, headers: &str, body: &str) -> Answer {
    let length = body.len();
    Answer::Say(format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    ))
}

/// A service under way, until it is dropped.
pub(crate) struct FakeService {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FakeService {
    /// Answers each request, numbered from 0, when its body is read.
    pub(crate) fn start(answer: impl Fn(usize, &Asked) -> Answer + Send + 'static) -> Self {
        Self::start_on("127.0.0.1:0".parse().expect("an address"), answer)
    }

    pub(crate) fn start_on(
        address: SocketAddr,
        answer: impl Fn(usize, &Asked) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a free address");
        let address = listener.local_addr().expect("it has one");
        let (asked, ends) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicBool>::default());
        let thread = {
            let (asked, ends) = (Arc::clone(&asked), Arc::clone(&ends));
            std::thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    if ends.load(Ordering::Relaxed) {
                        break;
                    }
                    serve(stream, &asked, &answer);
                }
            })
        };
        Self { address, asked, ends, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic while held").clone()
    }
}

impl Drop for FakeService {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // Wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, asked: &Mutex<Vec<Asked>>, answer: &impl Fn(usize, &Asked) -> Answer) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let Some(mut request) = head(&mut stream) else {
        let _ = stream.write_all(b"HTTP/1.1 400 X\r\nconnection: close\r\n\r\n");
        return;
    };
    let number = asked.lock().expect("no panic while held").len();
    let length = request.header("content-length").and_then(|said| said.parse().ok()).unwrap_or(0);
    let answer = answer(number, &request);
    if matches!(answer, Answer::Say(_)) {
        request.body = vec![0; length];
        let _ = stream.read_exact(&mut request.body);
    }
    // Before it is answered: whoever has the answer may look.
    asked.lock().expect("no panic while held").push(request);
    if let Answer::Say(text) = answer {
        let _ = stream.write_all(text.as_bytes());
    }
}

/// Reads up to the empty line and nothing behind it.
fn head(stream: &mut TcpStream) -> Option<Asked> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
        // No method begins so: it is TLS, say.
        text[0].is_ascii_uppercase().then_some(())?;
    }
    let text = String::from_utf8(text).ok()?;
    let (line, headers) = text.split_once("\r\n")?;
    Some(Asked { line: line.to_owned(), headers: headers.to_lowercase(), body: Vec::new() })
}
