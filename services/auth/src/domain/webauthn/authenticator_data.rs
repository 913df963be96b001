//! What an authenticator signs (WebAuthn L3, 6.1).

use super::cbor::Item;
use super::{RelyingParty, WebauthnError, sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;
const LONGEST_ID: usize = 1023;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    party_hash: &'a [u8],
    flags: u8,
    pub(super) counter: u32,
    pub(super) credential: Option<AttestedCredential<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct AttestedCredential<'a> {
    pub(super) id: &'a [u8],
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, WebauthnError> {
        Self::read(bytes).ok_or(WebauthnError::AuthenticatorData)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (party_hash, rest) = bytes.split_at_checked(32)?;
        let (flags, rest) = rest.split_first()?;
        let (counter, mut rest) = rest.split_first_chunk::<4>()?;
        let mut credential = None;
        if flags & ATTESTED != 0 {
            credential = Some(AttestedCredential::read(&mut rest)?);
        }
        if flags & EXTENDED != 0 {
            let Item::Map(_) = Item::read(&mut rest)? else { return None };
        }
        let data = Self { party_hash, flags: *flags, counter: u32::from_be_bytes(*counter), credential };
        rest.is_empty().then_some(data)
    }

    /// Whether it is for us, and somebody was there and was verified.
    pub(super) fn check(&self, party: &RelyingParty) -> Result<(), WebauthnError> {
        if self.party_hash != sha256(party.id.as_bytes()) {
            return Err(WebauthnError::RelyingParty);
        }
        if self.flags & PRESENT == 0 {
            return Err(WebauthnError::NotPresent);
        }
        if self.flags & VERIFIED == 0 {
            return Err(WebauthnError::NotVerified);
        }
        if self.is_backed_up() && !self.is_backup_eligible() {
            return Err(WebauthnError::Backup);
        }
        Ok(())
    }

    pub(super) fn is_backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    pub(super) fn is_backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }
}

impl<'a> AttestedCredential<'a> {
    /// Leaves `input` at what follows.
    fn read(input: &mut &'a [u8]) -> Option<Self> {
        let (_model, rest) = input.split_at_checked(16)?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, rest) = rest.split_at_checked(length).filter(|_| (1..=LONGEST_ID).contains(&length))?;
        let mut after = rest;
        Item::read(&mut after)?;
        let public_key = &rest[..rest.len() - after.len()];
        *input = after;
        Some(Self { id, public_key })
    }
}
