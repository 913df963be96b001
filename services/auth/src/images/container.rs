//! The files that pictures come in, walked from their first byte to their last without decoding a pixel.

use image::ImageFormat;

use super::ImageError;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Beginnings of what has no place in the notes of a picture. Pixels are not searched: there, any bytes may stand by
/// chance, and none of them outlives the decoding.
const FOREIGN: [&[u8]; 10] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"%PDF-",
    b"<script",
    b"<html",
    b"<!doctype",
    b"<svg",
    b"<?php",
    b"<iframe",
    b"Rar!\x1a\x07",
];

/// What kind of picture it is, once all of the file is known to belong to it.
pub(super) fn inspect(file: &[u8]) -> Result<ImageFormat, ImageError> {
    if file.is_empty() {
        return Err(broken("it is empty"));
    }
    if file.starts_with(PNG) {
        walk_png(file).map(|()| ImageFormat::Png)
    } else if file.starts_with(JPEG) {
        walk_jpegs(file).map(|()| ImageFormat::Jpeg)
    } else if file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
        walk_webp(file).map(|()| ImageFormat::WebP)
    } else {
        Err(ImageError::Unsupported)
    }
}

/// Chunks of length, type, data and CRC, from `IHDR` to `IEND` (PNG §5.3).
fn walk_png(file: &[u8]) -> Result<(), ImageError> {
    let mut rest = &file[PNG.len()..];
    loop {
        let (length, after) = take_u32(rest, u32::from_be_bytes)?;
        let (kind, after) = take(after, 4)?;
        let (data, after) = take(after, length)?;
        let (_crc, after) = take(after, 4)?;
        if kind == b"IEND" {
            return if after.is_empty() { Ok(()) } else { Err(ImageError::Polyglot) };
        }
        let is_note = kind[0].is_ascii_lowercase() && kind != b"fdAT";
        if is_note {
            refuse_foreign(data)?;
        }
        rest = after;
    }
}

/// Cameras put several into one file (CIPA DC-007): the picture, and others of the same scene after it.
fn walk_jpegs(file: &[u8]) -> Result<(), ImageError> {
    let mut rest = walk_jpeg(file)?;
    while !rest.is_empty() {
        if !rest.starts_with(JPEG) {
            return Err(ImageError::Polyglot);
        }
        rest = walk_jpeg(rest)?;
    }
    Ok(())
}

/// Segments from SOI to EOI, with the coded data of each scan between them (T.81 annex B). Gives what follows.
fn walk_jpeg(file: &[u8]) -> Result<&[u8], ImageError> {
    const EOI: u8 = 0xd9;
    const SOS: u8 = 0xda;
    let mut rest = &file[2..];
    loop {
        let (marker, after) = take_marker(rest)?;
        if marker == EOI {
            return Ok(after);
        }
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            rest = after;
            continue;
        }
        let (length, _) = take(after, 2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 {
            return Err(broken("a segment has no length"));
        }
        let (data, after) = take(after, length)?;
        if matches!(marker, 0xe0..=0xef | 0xfe) {
            refuse_foreign(data)?;
        }
        rest = if marker == SOS { skip_scan(after)? } else { after };
    }
}

/// A marker, which may stand behind any number of 0xFF.
fn take_marker(bytes: &[u8]) -> Result<(u8, &[u8]), ImageError> {
    let fill = bytes.iter().take_while(|byte| **byte == 0xff).count();
    match bytes.get(fill) {
        None => Err(ends_early()),
        Some(_) if fill == 0 => Err(broken("there is no marker where one belongs")),
        Some(marker) => Ok((*marker, &bytes[fill + 1..])),
    }
}

/// Coded data ends at the first marker that is neither a stuffed 0xFF nor a restart.
fn skip_scan(bytes: &[u8]) -> Result<&[u8], ImageError> {
    let end =
        bytes.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff));
    end.map(|end| &bytes[end..]).ok_or_else(ends_early)
}

/// A RIFF file of chunks, as long as it says (RFC 9649 §2.3).
fn walk_webp(file: &[u8]) -> Result<(), ImageError> {
    let (length, inside) = take_u32(&file[4..], u32::from_le_bytes)?;
    let (inside, after) = take(inside, length)?;
    let padding = length % 2;
    if after.len() > padding {
        return Err(ImageError::Polyglot);
    }
    let mut rest = inside.get(4..).ok_or_else(ends_early)?;
    while !rest.is_empty() {
        let (kind, after) = take(rest, 4)?;
        let (length, after) = take_u32(after, u32::from_le_bytes)?;
        let (data, after) = take(after, length)?;
        if !matches!(kind, b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF") {
            refuse_foreign(data)?;
        }
        rest = after.get(length % 2..).unwrap_or_default();
    }
    Ok(())
}

fn take(bytes: &[u8], length: usize) -> Result<(&[u8], &[u8]), ImageError> {
    bytes.split_at_checked(length).ok_or_else(ends_early)
}

fn take_u32(bytes: &[u8], read: fn([u8; 4]) -> u32) -> Result<(usize, &[u8]), ImageError> {
    let (number, rest) = bytes.split_first_chunk::<4>().ok_or_else(ends_early)?;
    let number = usize::try_from(read(*number)).map_err(|_| ends_early())?;
    Ok((number, rest))
}

fn refuse_foreign(note: &[u8]) -> Result<(), ImageError> {
    let found = |sign: &&[u8]| note.windows(sign.len()).any(|part| part.eq_ignore_ascii_case(sign));
    if FOREIGN.iter().any(found) { Err(ImageError::Polyglot) } else { Ok(()) }
}

fn broken(reason: &str) -> ImageError {
    ImageError::Broken(reason.to_owned())
}

fn ends_early() -> ImageError {
    broken("it ends too early")
}
