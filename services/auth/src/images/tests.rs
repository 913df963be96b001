use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

const SIZES: &[u32] = &[64, 128];

/// Red on the left, blue on the right.
fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let image =
        RgbImage::from_fn(
            width,
            height,
            |x, _| {
                if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) }
            },
        );
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A chunk of a PNG.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let crc = kind.iter().chain(data).fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes(), kind.as_slice(), data, &(!crc).to_be_bytes()].concat()
}

/// A PNG of which the header says how many pixels there are, and nothing else does.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let png = picture(ImageFormat::Png, 8, 8);
    [&png[..8], &chunk(b"IHDR", &header), &png[33..]].concat()
}

/// With another chunk behind the header.
fn with_note(png: &[u8], kind: &[u8; 4], note: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(kind, note), &png[33..]].concat()
}

/// EXIF that says which way is up, and where the picture was taken.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"\0\x01\0\x1d\0\x02\0\0\0\x0b\0\0\0\x38\0\0\0\0GPS 2026:01\0");
    let data = [b"Exif\0\0".as_slice(), &tiff].concat();
    let length = u16::try_from(data.len() + 2).unwrap();
    [&jpeg[..2], &[0xff, 0xe1], &length.to_be_bytes(), &data, &jpeg[2..]].concat()
}

fn square(file: &[u8]) -> RgbaImage {
    let squares = squares(file, SIZES).unwrap();
    image::load_from_memory(&squares.last().unwrap().bytes).unwrap().to_rgba8()
}

fn is_red(pixel: &Rgba<u8>) -> bool {
    pixel.0[0] > 200 && pixel.0[2] < 60
}

#[test]
fn each_format_becomes_squares_of_each_size() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        for (width, height) in [(300, 200), (200, 1000), (1, 1), (700, 1)] {
            let squares = squares(&picture(format, width, height), SIZES).unwrap();
            let sizes: Vec<_> = squares.iter().map(|square| square.size).collect();
            assert_eq!(sizes, SIZES);
            for square in squares {
                let decoded = image::load_from_memory(&square.bytes).unwrap();
                assert_eq!((decoded.width(), decoded.height()), (square.size, square.size));
                assert_eq!(square.media_type, "image/jpeg");
            }
        }
    }
}

#[test]
fn what_is_transparent_stays_so() {
    let image = RgbaImage::from_pixel(90, 90, Rgba([0, 255, 0, 10]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let squares = squares(&bytes.into_inner(), SIZES).unwrap();
    assert_eq!(squares[0].media_type, "image/png");
    let decoded = image::load_from_memory(&squares[0].bytes).unwrap().to_rgba8();
    assert_eq!(decoded.get_pixel(32, 32).0[3], 10);
}

#[test]
fn a_picture_stands_upright_and_does_not_say_where_it_was_taken() {
    let file = with_exif(&picture(ImageFormat::Jpeg, 200, 200), 6);
    assert!(file.windows(3).any(|part| part == b"GPS"));
    let upright = square(&file);
    assert!(is_red(upright.get_pixel(64, 10)), "what was left is on top");
    assert!(!is_red(upright.get_pixel(64, 117)));
    let plain = square(&picture(ImageFormat::Jpeg, 200, 200));
    assert!(is_red(plain.get_pixel(10, 64)) && !is_red(plain.get_pixel(117, 64)));
    for square in squares(&file, SIZES).unwrap() {
        for mark in [b"Exif".as_slice(), b"GPS", b"ICC_PROFILE"] {
            assert!(!square.bytes.windows(mark.len()).any(|part| part == mark));
        }
    }
}

#[test]
fn of_two_pictures_in_one_file_the_first_counts() {
    let one = picture(ImageFormat::Jpeg, 40, 40);
    assert!(squares(&[one.as_slice(), &one].concat(), SIZES).is_ok());
}

#[test]
fn a_file_that_ends_early_is_broken_wherever_it_ends() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = picture(format, 40, 30);
        for end in (12..whole.len()).step_by(7).chain([whole.len() - 1]) {
            let refused = squares(&whole[..end], SIZES);
            assert!(matches!(refused, Err(ImageError::Broken(_))), "{format:?} at {end}: {refused:?}");
        }
    }
    assert!(matches!(squares(b"", SIZES), Err(ImageError::Broken(_))));
}

#[test]
fn a_file_that_is_something_else_as_well_is_refused() {
    let archive = b"PK\x03\x04\x14\x00 an archive".as_slice();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = picture(format, 40, 30);
        for more in [archive, b"<script>alert(1)</script>", b"\0\0", b"GIF89a"] {
            let refused = squares(&[whole.as_slice(), more].concat(), SIZES);
            assert!(matches!(refused, Err(ImageError::Polyglot)), "{format:?}: {refused:?}");
        }
    }
    let png = picture(ImageFormat::Png, 40, 30);
    let honest = with_note(&png, b"tEXt", b"Comment\0sunset");
    assert!(squares(&honest, SIZES).is_ok());
    for note in [archive, b"Comment\0<SCRIPT src=x>", b"%PDF-1.7"] {
        let refused = squares(&with_note(&png, b"tEXt", note), SIZES);
        assert!(matches!(refused, Err(ImageError::Polyglot)), "{refused:?}");
    }
}

#[test]
fn pixels_are_bounded_before_they_take_memory() {
    for (width, height) in [(50_000, 50_000), (8_001, 1), (1, 8_001), (7_000, 7_000), (u32::MAX >> 1, 1)] {
        let refused = squares(&bomb(width, height), SIZES);
        assert!(matches!(refused, Err(ImageError::TooLarge)), "{width} x {height}: {refused:?}");
    }
    // Within the bounds the rest of the file has to be what the header says.
    assert!(matches!(squares(&bomb(500, 500), SIZES), Err(ImageError::Broken(_))));
}

/// The header is small, and what is compressed is not.
#[test]
fn pixels_beyond_the_header_are_not_unpacked() {
    let mut large = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(8_000, 4_000).write_to(&mut large, ImageFormat::Png).unwrap();
    let large = large.into_inner();
    assert!(large.len() < 1_000_000, "it is compressed");
    let header = [&10u32.to_be_bytes()[..], &10u32.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let file = [&large[..8], &chunk(b"IHDR", &header), &large[33..]].concat();
    let refused = squares(&file, SIZES);
    assert!(matches!(refused, Ok(_) | Err(ImageError::Broken(_))), "{refused:?}");
}

#[test]
fn other_kinds_of_files_are_none_of_ours() {
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".as_slice();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice();
    for file in [gif, svg, b"%PDF-1.7", b"BM", b"not a picture", b"RIFF\x04\0\0\0WAVE", b"\x89PN"] {
        assert!(matches!(squares(file, SIZES), Err(ImageError::Unsupported)));
    }
}

#[tokio::test]
async fn past_the_queue_callers_are_turned_away_and_places_come_back() {
    let images = Images { longest_wait: Duration::from_millis(20), ..Images::default() };
    let file = picture(ImageFormat::Png, 4, 4);
    let places: Vec<_> = (0..SLOTS).map(|_| images.running.clone().try_acquire_owned().unwrap()).collect();
    assert!(matches!(images.squares(file.clone(), SIZES).await, Err(ImageError::Busy)), "waited in vain");
    drop(places);
    let places: Vec<_> =
        (0..ADMITTED).map(|_| images.admitted.clone().try_acquire_owned().unwrap()).collect();
    assert!(matches!(images.squares(file.clone(), SIZES).await, Err(ImageError::Busy)), "no place to wait");
    drop(places);
    assert!(images.squares(file, SIZES).await.is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_a_picture_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..4usize) {
        let start: &[u8] = [b"".as_slice(), b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\0\0\0WEBP"][start];
        let file = [start, &bytes].concat();
        let refused = squares(&file, SIZES);
        prop_assert!(!matches!(refused, Err(ImageError::Busy | ImageError::Encoding(_))));
    }

    #[test]
    fn a_damaged_picture_is_a_picture_or_refused(
        format in prop::sample::select(vec![ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP]),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = picture(format, 24, 16);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let refused = runtime.block_on(Images::default().squares(file, SIZES));
        prop_assert!(!matches!(refused, Err(ImageError::Busy | ImageError::Encoding(_))));
    }
}
