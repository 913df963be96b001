//! From an untrusted picture to small squares of our own making.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::{ImageError, Square};

const MAX_SIDE: u32 = 8_000;
const MAX_PIXELS: u64 = 40_000_000;
/// Of the decoded picture: 40 million pixels of four bytes.
const MAX_BYTES: u64 = 4 * MAX_PIXELS;
const JPEG_QUALITY: u8 = 85;

/// The middle square in each size. `sizes` are in ascending order.
pub(super) fn squares(file: &[u8], format: ImageFormat, sizes: &[u32]) -> Result<Vec<Square>, ImageError> {
    let largest = sizes.last().copied().unwrap_or(1);
    let base = upright_square(file, format, largest)?;
    let opaque = base.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let scaled = |size| if size == largest { base.clone() } else { shrink(&base, size) };
    sizes.iter().map(|size| encode(&scaled(*size), *size, opaque).map_err(ImageError::Encoding)).collect()
}

fn upright_square(file: &[u8], format: ImageFormat, size: u32) -> Result<DynamicImage, ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > MAX_SIDE || pixels > MAX_PIXELS || decoder.total_bytes() > MAX_BYTES {
        return Err(ImageError::TooLarge);
    }
    if pixels == 0 {
        return Err(ImageError::Broken("it has no pixels".to_owned()));
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    let side = width.min(height);
    // The middle is the same whichever way is up, and a small picture is cheap to turn.
    let middle = image.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(image);
    let mut square = shrink(&middle, size);
    square.apply_orientation(orientation);
    Ok(square)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    // Besides the picture, decoders need room for a few of its lines.
    limits.max_alloc = Some(MAX_BYTES + MAX_BYTES / 4);
    limits
}

/// In eight bits a channel. What is smaller than `size` grows.
fn shrink(image: &DynamicImage, size: u32) -> DynamicImage {
    let scaled = if image.width() > 2 * size {
        // Averages; the finer filter would take a second of the largest pictures.
        image.thumbnail_exact(size, size)
    } else {
        image.resize_exact(size, size, FilterType::CatmullRom)
    };
    DynamicImage::ImageRgba8(scaled.into_rgba8())
}

fn encode(image: &DynamicImage, size: u32, opaque: bool) -> Result<Square, image::ImageError> {
    let mut bytes = Vec::new();
    let media_type = if opaque {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        image.to_rgb8().write_with_encoder(encoder)?;
        "image/jpeg"
    } else {
        image.write_with_encoder(PngEncoder::new(&mut bytes))?;
        "image/png"
    };
    Ok(Square { size, media_type, bytes })
}

fn refused(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Limits(_) => ImageError::TooLarge,
        image::ImageError::Unsupported(_) => ImageError::Unsupported,
        other => ImageError::Broken(other.to_string()),
    }
}
