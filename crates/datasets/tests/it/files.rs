//! Small image files of every kind, written for the tests: good ones by the `image` crate, bad ones by hand.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use std::fs;
use std::path::Path;

/// A picture whose colours name its class and number.
pub(crate) fn picture(class: usize, number: usize, height: u32, width: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(60 * class + 20) as u8, (number * 7) as u8, (x * 3 + y) as u8])
    })
}

/// A folder with `images` pictures in each of `classes` classes, of several sizes, PNG and JPEG by turns.
pub(crate) fn tree(root: &Path, classes: usize, images: usize) {
    for class in 0..classes {
        let folder = root.join(format!("class{class}"));
        fs::create_dir_all(&folder).unwrap();
        for number in 0..images {
            let picture = picture(class, number, 30 + (number % 5) as u32, 36);
            let extension = if number.is_multiple_of(2) { "png" } else { "jpg" };
            picture.save(folder.join(format!("{number:03}.{extension}"))).unwrap();
        }
    }
}

pub(crate) fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new(&mut bytes)
        .write_image(&picture(0, 0, 40, 40), 40, 40, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

pub(crate) fn png(kind: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = vec![100; 16 * usize::from(kind.bits_per_pixel()) / 8];
    image::codecs::png::PngEncoder::new(&mut bytes).write_image(&pixels, 4, 4, kind).unwrap();
    bytes
}

/// A PNG that says it is an animation: the chunk `acTL` before the pixels.
pub(crate) fn animated_png() -> Vec<u8> {
    let plain = png(ExtendedColorType::Rgb8);
    let mut chunk = b"acTL".to_vec();
    chunk.extend([0, 0, 0, 1, 0, 0, 0, 0]);
    let sum = crc32(&chunk);
    let head = 8 + 25; // Signature and IHDR.
    [&plain[..head], &8_u32.to_be_bytes(), &chunk, &sum.to_be_bytes(), &plain[head..]].concat()
}

/// A JPEG whose frame has four components.
pub(crate) fn cmyk_jpeg() -> Vec<u8> {
    let mut bytes = jpeg();
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    bytes[frame + 9] = 4;
    bytes
}

/// CRC-32 as PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), step))
}
