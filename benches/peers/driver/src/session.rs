//! One client: a socket, and what it sent and heard.

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use crate::failure::Failure;
use crate::frames::{Heard, PERIOD_NS, frame};
use crate::wire::Wire;

const PATIENCE: Duration = Duration::from_secs(10);
/// More than a server's socket takes in a whole run; one that does not read for so long ends the run.
const UNSENT_BYTES: usize = 4 << 20;

pub struct Session {
    number: u32,
    wire: Wire,
    socket: WebSocket<TcpStream>,
    heard: Heard,
    sent: u32,
}

impl Session {
    /// Connects, and says what has to be said before audio.
    pub fn open(number: u32, wire: Wire, server: SocketAddr, url: &str) -> Result<Self, Failure> {
        let connect = |reason: String| Failure::Connect {
            session: number,
            reason,
        };
        let stream =
            TcpStream::connect_timeout(&server, PATIENCE).map_err(|error| connect(error.to_string()))?;
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(PATIENCE)))
            .map_err(|error| connect(error.to_string()))?;
        let config = WebSocketConfig::default()
            .read_buffer_size(4 * 1024)
            .max_write_buffer_size(UNSENT_BYTES);
        let (socket, _) = tungstenite::client::client_with_config(url, stream, Some(config))
            .map_err(|error| connect(error.to_string()))?;
        let mut session = Self {
            number,
            wire,
            socket,
            heard: Heard::new(number),
            sent: 0,
        };
        session.introduce()?;
        session
            .socket
            .get_ref()
            .set_nonblocking(true)
            .map_err(|error| connect(error.to_string()))?;
        Ok(session)
    }

    fn introduce(&mut self) -> Result<(), Failure> {
        let Some((opening, ready)) = self.wire.opening() else {
            return Ok(());
        };
        self.socket
            .send(Message::text(opening.to_string()))
            .map_err(|error| self.ended(&error))?;
        loop {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(Error::Io(error)) if matches!(error.kind(), WouldBlock | TimedOut) => {
                    return Err(Failure::NotReady {
                        session: self.number,
                        waited: PATIENCE,
                    });
                }
                Err(error) => return Err(self.ended(&error)),
            };
            let Message::Text(text) = message else { continue };
            let event: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            match event["type"].as_str() {
                Some("error") => {
                    return Err(Failure::Refused {
                        session: self.number,
                        event: text.to_string(),
                    });
                }
                Some(kind) if kind == ready => return Ok(()),
                _ => {}
            }
        }
    }

    pub fn stream(&self) -> &TcpStream {
        self.socket.get_ref()
    }

    /// Sends the next frame. What the socket does not take at once goes with the frame after it.
    pub fn send(&mut self) -> Result<(), Failure> {
        let audio = frame(self.number, self.sent);
        let message = self
            .wire
            .wrap(self.sent, u64::from(self.sent) * PERIOD_NS / 1_000, &audio);
        self.sent += 1;
        match self.socket.send(Message::Binary(message)) {
            Err(Error::Io(error)) if error.kind() == WouldBlock => Ok(()),
            Err(error) => Err(self.ended(&error)),
            Ok(()) => Ok(()),
        }
    }

    /// Takes all that has arrived, and hands on each frame that came back right, with its time of arrival.
    pub fn receive(&mut self, mut returned: impl FnMut(u32, Instant)) -> Result<(), Failure> {
        loop {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(Error::Io(error)) if error.kind() == WouldBlock => return Ok(()),
                Err(error) => return Err(self.ended(&error)),
            };
            let arrived = Instant::now();
            match message {
                Message::Binary(bytes) => match self.wire.unwrap(&bytes) {
                    Some(audio) => self
                        .heard
                        .hear(audio, self.sent, |frame| returned(frame, arrived)),
                    None => self.heard.wrong += 1,
                },
                Message::Text(text) if text.contains("\"type\":\"error\"") => {
                    return Err(Failure::Refused {
                        session: self.number,
                        event: text.to_string(),
                    });
                }
                _ => {}
            }
        }
    }

    /// Audio that came back but was not what was sent, in frames.
    pub fn wrong(&self) -> u64 {
        self.heard.wrong
    }

    fn ended(&self, error: &Error) -> Failure {
        Failure::Ended {
            session: self.number,
            reason: error.to_string(),
        }
    }
}
