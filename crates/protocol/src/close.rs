//! Why a connection is closed.

/// WebSocket close codes the server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The session is over.
    Normal = 1000,
    /// The server is draining: reconnect.
    GoingAway = 1001,
    /// Authorisation expired or a policy forbids going on.
    Policy = 1008,
    /// A message was larger than allowed.
    TooBig = 1009,
    /// The server failed.
    Internal = 1011,
    /// The client was silent for too long.
    Idle = 4000,
    /// A resumed connection took over.
    Replaced = 4001,
    /// The client took too long to read what was sent.
    TooSlow = 4002,
    /// An operator ended the session.
    Operator = 4003,
    /// The session reached its longest duration.
    TimeLimit = 4004,
}

impl CloseCode {
    /// Every code, in numeric order.
    pub const ALL: [Self; 10] = [
        Self::Normal,
        Self::GoingAway,
        Self::Policy,
        Self::TooBig,
        Self::Internal,
        Self::Idle,
        Self::Replaced,
        Self::TooSlow,
        Self::Operator,
        Self::TimeLimit,
    ];

    /// The number on the wire.
    pub const fn as_u16(self) -> u16 {
        self as u16
    }

    /// The code of a number, if it is one of ours.
    pub fn from_u16(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_u16() == code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.as_u16()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::from_u16(code.as_u16()), Some(code));
        }
        assert_eq!(CloseCode::from_u16(1002), None);
    }
}
