//! Echoes raw PCM16 at 16 kHz through a pipeline of rustvani, built as its quick start builds one.
//!
//! `rustvani-echo PORT [vad]`: with `vad`, its native Silero watches the input of every session.

use std::sync::Arc;

use async_trait::async_trait;
use rustvani::axum::extract::ws::WebSocket;
use rustvani::axum::extract::{State, WebSocketUpgrade};
use rustvani::axum::response::Response;
use rustvani::axum::routing::get;
use rustvani::axum::{Router, serve};
use rustvani::frames::SystemFrame;
use rustvani::transport::{WebSocketParams, WebSocketTransport};
use rustvani::{
    Frame, FrameDirection, FrameHandler, FrameInner, FrameProcessor, PipelineParams, PipelineTask,
    SileroVadNative, TransportParams, VadAnalyzer, system_clock,
};

const RATE: u32 = 16_000;

struct Echo;

#[async_trait]
impl FrameHandler for Echo {
    async fn on_process_frame(
        &self,
        processor: &FrameProcessor,
        frame: Frame,
        direction: FrameDirection,
    ) -> rustvani::Result<()> {
        let frame = match frame.inner {
            FrameInner::System(SystemFrame::InputAudioRaw(data)) => Frame::output_audio(data.audio, RATE, 1),
            _ => frame,
        };
        processor.push_frame(frame, direction).await
    }
}

async fn session(socket: WebSocket, vad: bool) {
    let vad_analyzer = if vad {
        match SileroVadNative::new(RATE) {
            Ok(analyzer) => Some(Arc::new(analyzer) as Arc<dyn VadAnalyzer>),
            Err(error) => return eprintln!("no voice activity detection: {error}"),
        }
    } else {
        None
    };
    let transport = WebSocketTransport::new(
        "echo",
        WebSocketParams {
            transport: TransportParams {
                audio_in_enabled: true,
                audio_in_sample_rate: Some(RATE),
                audio_out_enabled: true,
                audio_out_sample_rate: Some(RATE),
                audio_out_10ms_chunks: 2,
                vad_analyzer,
                ..TransportParams::default()
            },
        },
    );
    let echo = FrameProcessor::new("echo", Box::new(Echo), false);
    let task = PipelineTask::new(
        vec![transport.input(), echo, transport.output()],
        PipelineParams::default(),
    );
    let push = task.push_sender();
    let (ran, ()) = tokio::join!(task.run(system_clock(), None), transport.run_socket(socket, push));
    if let Err(error) = ran {
        eprintln!("session: {error}");
    }
}

async fn upgrade(upgrade: WebSocketUpgrade, State(vad): State<bool>) -> Response {
    upgrade.on_upgrade(move |socket| session(socket, vad))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments
        .next()
        .ok_or("usage: rustvani-echo PORT [vad]")?
        .parse()?;
    let vad = arguments.next().is_some_and(|mode| mode == "vad");
    let router = Router::new().route("/", get(upgrade)).with_state(vad);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    serve(listener, router).tcp_nodelay(true).await?;
    Ok(())
}
