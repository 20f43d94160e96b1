//! What the authenticator says about the ceremony (§6.1).

/// The fixed part: 32 bytes of RP ID hash, one of flags, four of counter. Assertions that we ask for have no other.
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8],
    flags: u8,
    pub(super) counter: u32,
    /// What follows the fixed part.
    pub(super) rest: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// `None` when the fixed part is not all there.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, tail) = bytes.split_at_checked(32)?;
        let (flags, tail) = tail.split_first()?;
        let (counter, rest) = tail.split_first_chunk::<4>()?;
        Some(Self { rp_id_hash, flags: *flags, counter: u32::from_be_bytes(*counter), rest })
    }

    const fn has(&self, bit: u8) -> bool {
        self.flags & 1 << bit != 0
    }

    pub(super) const fn user_present(&self) -> bool {
        self.has(0)
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.has(2)
    }

    pub(super) const fn backup_eligible(&self) -> bool {
        self.has(3)
    }

    pub(super) const fn backup_state(&self) -> bool {
        self.has(4)
    }

    /// Bits 1 and 5: reserved, so nobody knows yet what they would make us believe.
    pub(super) const fn reserved(&self) -> bool {
        self.has(1) || self.has(5)
    }

    /// A new key is described in what follows: only in a registration.
    pub(super) const fn attested(&self) -> bool {
        self.has(6)
    }

    /// Extension outputs follow.
    pub(super) const fn extended(&self) -> bool {
        self.has(7)
    }
}
