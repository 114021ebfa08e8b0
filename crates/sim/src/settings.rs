//! What the client asks of the session.

use bedside_protocol::{
    ClientEventKind, Eagerness, FunctionTool, OutputModality, Patch, SessionPatch, SessionType,
    TranscriptionPatch, TurnDetectionPatch, TurnDetectionType,
};

use crate::scenario::{ClientManners, Detection};

/// The `session.update` of a client with these manners.
pub(crate) fn session_update(manners: &ClientManners) -> ClientEventKind {
    let mut session = SessionPatch::default();
    session.audio.input.turn_detection = match turn_detection(manners) {
        Some(patch) => Patch::Set(patch),
        None => Patch::Clear,
    };
    session.audio.input.transcription = Patch::Set(TranscriptionPatch::default());
    if manners.transcribes {
        session.kind = SessionType::Transcription;
    } else {
        session.instructions = Some("Be brief.".to_owned());
        session.output_modality = manners.text_only.then_some(OutputModality::Text);
        session.tools = manners.tools.then(|| {
            vec![FunctionTool {
                name: "note_dose".to_owned(),
                description: None,
                parameters: None,
            }]
        });
    }
    ClientEventKind::SessionUpdate {
        session: Box::new(session),
    }
}

fn turn_detection(manners: &ClientManners) -> Option<TurnDetectionPatch> {
    let mut patch = match manners.detection {
        Detection::PushToTalk => return None,
        Detection::Server { silence_ms, idle_ms } => {
            let mut patch = TurnDetectionPatch::new(TurnDetectionType::ServerVad);
            patch.silence_duration_ms = Some(silence_ms);
            patch.idle_timeout_ms = idle_ms.map_or(Patch::Clear, Patch::Set);
            patch
        }
        Detection::Semantic { max_wait_ms } => {
            let mut patch = TurnDetectionPatch::new(TurnDetectionType::SemanticVad);
            patch.eagerness = Some(match max_wait_ms {
                8_000 => Eagerness::Low,
                2_000 => Eagerness::High,
                _ => Eagerness::Medium,
            });
            patch
        }
    };
    patch.create_response = Some(manners.creates);
    patch.interrupt_response = Some(manners.interrupts);
    Some(patch)
}
