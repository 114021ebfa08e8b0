//! What is printed of a turn.

use std::fmt;

use bedside_protocol::{Escalation, TurnMetrics};

/// One turn as it went.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// What the patient was understood to say, piece by piece.
    pub(crate) heard: Vec<String>,
    /// What was said to the patient, response by response.
    pub(crate) said: Vec<Said>,
    /// Where the time of the last answer went.
    pub(crate) metrics: Option<TurnMetrics>,
    /// An emergency that was recognised.
    pub(crate) escalation: Option<Escalation>,
}

/// One response's words.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) interrupted: bool,
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for heard in &self.heard {
            writeln!(f, "patient  {heard}")?;
        }
        if let Some(escalation) = &self.escalation {
            writeln!(f, "   alarm  {}: \"{}\"", escalation.reason, escalation.matched)?;
        }
        for said in &self.said {
            let mark = if said.interrupted { " (interrupted)" } else { "" };
            writeln!(f, "bedside  {}{mark}", said.text.trim())?;
        }
        match &self.metrics {
            Some(metrics) => write_metrics(f, metrics),
            None => Ok(()),
        }
    }
}

fn write_metrics(f: &mut fmt::Formatter<'_>, metrics: &TurnMetrics) -> fmt::Result {
    let Some(total) = metrics.voice_to_voice else {
        return Ok(());
    };
    write!(f, "         voice to voice {total:.0} ms")?;
    let parts = [
        ("waiting", metrics.wait_ms),
        ("models", metrics.models_ms),
        ("engine", metrics.engine_ms),
    ];
    let stages = [
        ("end of turn", metrics.end_of_turn),
        ("transcript", metrics.transcription_final),
        ("first token", metrics.model_first_token),
        ("first audio", metrics.synthesis_first_audio),
    ];
    write_list(f, " = ", " + ", &parts)?;
    write_list(f, "; ", ", ", &stages)?;
    writeln!(f)
}

fn write_list(
    f: &mut fmt::Formatter<'_>,
    before: &str,
    between: &str,
    figures: &[(&str, Option<f64>)],
) -> fmt::Result {
    let known = figures.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    for (index, (name, value)) in known.enumerate() {
        let joint = if index == 0 { before } else { between };
        write!(f, "{joint}{name} {value:.0}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_reads_as_a_dialogue_with_its_times() {
        let turn = Turn {
            heard: vec!["My head hurts.".to_owned()],
            said: vec![Said {
                text: " How long? ".to_owned(),
                interrupted: true,
            }],
            metrics: Some(TurnMetrics {
                voice_to_voice: Some(640.4),
                wait_ms: Some(224.0),
                models_ms: Some(410.0),
                engine_ms: Some(6.4),
                end_of_turn: Some(300.0),
                ..TurnMetrics::default()
            }),
            escalation: None,
        };
        let expected = "patient  My head hurts.\nbedside  How long? (interrupted)\n         \
            voice to voice 640 ms = waiting 224 + models 410 + engine 6; end of turn 300\n";
        assert_eq!(turn.to_string(), expected);
    }
}
