//! A real socket: a connection that was refused something goes on, and one that says nothing costs nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::Program;

/// A connection that speaks HTTP by hand.
struct Connection {
    stream: TcpStream,
    host: String,
}

impl Connection {
    fn open(program: &Program) -> Connection {
        let stream = TcpStream::connect(&program.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Connection { stream, host: program.address.clone() }
    }

    fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        // Head and body apart, as many clients send them.
        self.stream.write_all(head.as_bytes()).unwrap();
        self.stream.write_all(body).unwrap();
    }

    /// Status and body of one answer, which must have a length.
    fn answer(&mut self) -> (u16, String) {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            assert_eq!(self.stream.read(&mut byte).unwrap(), 1, "the connection must stay open for an answer");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (head[9..12].parse().unwrap(), String::from_utf8(body).unwrap())
    }

    fn ask(&mut self, path: &str, body: &[u8]) -> (u16, String) {
        self.send("POST", path, "application/json", body);
        self.answer()
    }
}

const GOOD: &[u8] = br#"{"provider":"house","model":"m","cost_usd":0.1}"#;

#[test]
fn a_connection_goes_on_after_every_refusal() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path());
    let mut connection = Connection::open(&program);
    assert_eq!(connection.ask("/v1/record", GOOD).0, 201);
    let huge = [br#"{"provider":""#.as_slice(), &vec![b'x'; 40 * 1024 * 1024], b"\"}"].concat();
    for (path, body, status) in [
        ("/v1/record", &huge[..], 413),
        ("/v1/check", &huge[..1024 * 1024], 413),
        ("/v1/record", b"{broken", 400),
        ("/v1/record", br#"{"provider":"house","model":"m","cost_usd":-1}"#, 422),
        ("/v1/check", br#"{"provider":"nobody","model":"m"}"#, 422),
        ("/v1/release", br#"{"call_id":"never"}"#, 404),
        ("/v1/pause", b"", 401),
    ] {
        let (told, body) = connection.ask(path, body);
        assert_eq!(told, status, "{path}: {body}");
        assert_eq!(connection.ask("/v1/record", GOOD).0, 201, "the connection is usable after {path} {status}");
    }
    // What is refused before its body is read may end the connection, but is answered first.
    for (path, kind, status) in [
        ("/v1/record", "text/plain", 415),
        ("/v1/budgets", "application/json", 401),
        ("/v1/nothing", "application/json", 404),
    ] {
        let mut connection = Connection::open(&program);
        connection.send("POST", path, kind, GOOD);
        assert_eq!(connection.answer().0, status, "{path}");
    }
}

#[test]
fn a_body_that_breaks_off_and_a_line_that_is_no_http_hurt_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path());
    let mut broken = Connection::open(&program);
    let head = format!("POST /v1/record HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n", broken.host);
    broken.stream.write_all(format!("{head}content-length: 100\r\n\r\n{{\"provider\":").as_bytes()).unwrap();
    drop(broken);
    let mut noise = Connection::open(&program);
    noise.stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").unwrap();
    let mut told = Vec::new();
    let _ = noise.stream.read_to_end(&mut told);
    let mut idle: Vec<_> = (0..50).map(|_| Connection::open(&program)).collect();
    assert_eq!(idle[49].ask("/v1/record", GOOD).0, 201);
    let mut two_hosts = Connection::open(&program);
    let host = two_hosts.host.clone();
    two_hosts
        .stream
        .write_all(format!("GET /v1/status HTTP/1.1\r\nhost: {host}\r\nhost: {host}\r\n\r\n").as_bytes())
        .unwrap();
    assert_eq!(two_hosts.answer().0, 400);
    let mut no_host = Connection::open(&program);
    no_host.stream.write_all(b"GET /v1/status HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(no_host.answer().0, 400);
    program.end();
}

#[test]
fn it_listens_on_loopback_alone_and_keeps_its_address_in_a_file_while_it_does() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path());
    assert!(program.address.starts_with("127.0.0.1:"), "{}", program.address);
    assert_eq!(std::fs::read_to_string(data.path().join("address")).unwrap(), program.address);
    let port = program.address.split_once(':').unwrap().1.to_owned();
    // Another address of this machine finds nobody.
    assert!(TcpStream::connect(format!("127.0.0.2:{port}")).is_err(), "no other address is listened on");
    program.end();
    assert!(!data.path().join("address").exists(), "nobody is sent to a door that is shut");
}
