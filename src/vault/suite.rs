//! The two families of algorithms.

use aes_gcm_siv::{
    Aes256GcmSiv, AesGcmSiv,
    aead::{self, Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use super::VaultError;

/// Which algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SuiteName {
    /// AES-256-GCM-SIV and HMAC-SHA-256.
    International,
    /// SM4 in GCM-SIV and HMAC-SM3 (国密).
    Chinese,
}

impl SuiteName {
    /// The first byte of every ciphertext.
    pub const fn byte(self) -> u8 {
        match self {
            SuiteName::International => 1,
            SuiteName::Chinese => 2,
        }
    }

    /// The suite of a first byte.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(SuiteName::International),
            2 => Some(SuiteName::Chinese),
            _ => None,
        }
    }
}

/// Authenticated encryption and a keyed hash. Both suites use the mode GCM-SIV, which stays safe when a nonce is drawn
/// twice.
pub trait Suite: Send + Sync {
    /// Encrypts, and protects the associated data along with the text.
    fn encrypt(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError>;

    /// Decrypts what was encrypted under the same key, nonce and associated data; anything else is an error.
    fn decrypt(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError>;

    /// A keyed hash of the parts, one behind the other.
    fn mac(&self, key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32];
}

/// AES-256-GCM-SIV (RFC 8452) and HMAC-SHA-256.
#[derive(Clone, Copy, Debug)]
pub struct International;

impl Suite for International {
    fn encrypt(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        encrypt(
            &Aes256GcmSiv::new(key.into()),
            nonce,
            associated_data,
            plain,
        )
    }

    fn decrypt(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        decrypt(
            &Aes256GcmSiv::new(key.into()),
            nonce,
            associated_data,
            sealed,
        )
    }

    fn mac(&self, key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new((&*block(key)).into());
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// SM4 (GB/T 32907) in the mode of RFC 8452, and HMAC-SM3 (GB/T 32905). SM4 takes 16 bytes of key, the first of the 32.
#[derive(Clone, Copy, Debug)]
pub struct Chinese;

impl Chinese {
    fn cipher(key: &[u8; 32]) -> Result<AesGcmSiv<Sm4>, VaultError> {
        AesGcmSiv::<Sm4>::new_from_slice(&key[..16]).map_err(|_| VaultError::Unreadable)
    }
}

impl Suite for Chinese {
    fn encrypt(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        encrypt(&Chinese::cipher(key)?, nonce, associated_data, plain)
    }

    fn decrypt(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        decrypt(&Chinese::cipher(key)?, nonce, associated_data, sealed)
    }

    fn mac(&self, key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sm3>::new((&*block(key)).into());
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// The key as HMAC takes it: filled up with zeros to the block of the hash, 64 bytes for both.
fn block(key: &[u8; 32]) -> Zeroizing<[u8; 64]> {
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    block
}

fn encrypt<A: Aead>(
    cipher: &A,
    nonce: &[u8; 12],
    associated_data: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let nonce: &aead::Nonce<A> = nonce
        .as_slice()
        .try_into()
        .map_err(|_| VaultError::Unreadable)?;
    cipher
        .encrypt(
            nonce,
            Payload {
                msg: plain,
                aad: associated_data,
            },
        )
        .map_err(|_| VaultError::TooLong)
}

fn decrypt<A: Aead>(
    cipher: &A,
    nonce: &[u8; 12],
    associated_data: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let nonce: &aead::Nonce<A> = nonce
        .as_slice()
        .try_into()
        .map_err(|_| VaultError::Unreadable)?;
    let plain = cipher.decrypt(
        nonce,
        Payload {
            msg: sealed,
            aad: associated_data,
        },
    );
    plain.map(Zeroizing::new).map_err(|_| VaultError::Tampered)
}
