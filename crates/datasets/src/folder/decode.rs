//! From the bytes of a JPEG or PNG file to RGB, with everything refused that would be decoded into something else than it
//! shows: 16 bits, CMYK, animations, files that end early. Reads no files.

use crate::ImageFault;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::{ColorType, ImageDecoder, ImageError};
use std::io::Cursor;

/// The most pixels of an image: 192 MiB of RGB.
const MOST_PIXELS: u64 = 1 << 26;

/// Height and width of an image, and its RGB bytes in `rgb`. `raw` is room to work in.
pub(super) fn decode(
    file: &[u8],
    raw: &mut Vec<u8>,
    rgb: &mut Vec<u8>,
) -> Result<(usize, usize), ImageFault> {
    match Kind::of(file)? {
        Kind::Jpeg => {
            check_jpeg(file)?;
            read(JpegDecoder::new(Cursor::new(file)).map_err(|error| damaged(&error))?, raw, rgb)
        }
        Kind::Png => {
            let decoder = PngDecoder::new(Cursor::new(file)).map_err(|error| damaged(&error))?;
            if decoder.is_apng().map_err(|error| damaged(&error))? {
                return Err(ImageFault::Unsupported { what: "an animated PNG" });
            }
            read(decoder, raw, rgb)
        }
    }
}

enum Kind {
    Jpeg,
    Png,
}

impl Kind {
    fn of(file: &[u8]) -> Result<Self, ImageFault> {
        let other = |what| Err(ImageFault::NoImage { what });
        match file {
            [] => Err(ImageFault::Empty),
            [0xFF, 0xD8, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Ok(Self::Png),
            [b'G', b'I', b'F', b'8', ..] => other("a GIF"),
            [b'R', b'I', b'F', b'F', ..] => other("a WebP or another RIFF file"),
            [b'B', b'M', ..] => other("a BMP"),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => other("a TIFF"),
            _ => other("no known kind of image"),
        }
    }
}

fn read(
    mut decoder: impl ImageDecoder,
    raw: &mut Vec<u8>,
    rgb: &mut Vec<u8>,
) -> Result<(usize, usize), ImageFault> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(ImageFault::TooLarge { width, height });
    }
    decoder.set_limits(image::Limits::default()).map_err(|error| damaged(&error))?;
    let kind = decoder.color_type();
    let channels = match kind {
        ColorType::L8 => 1,
        ColorType::La8 => 2,
        ColorType::Rgb8 => 3,
        ColorType::Rgba8 => 4,
        _ => return Err(ImageFault::Unsupported { what: "an image of 16 bits a channel" }),
    };
    let direct = channels == 3;
    let target = if direct { &mut *rgb } else { &mut *raw };
    target.resize(pixels as usize * channels, 0);
    decoder.read_image(target).map_err(|error| damaged(&error))?;
    if !direct {
        rgb.clear();
        rgb.reserve(3 * pixels as usize);
        for pixel in raw.chunks_exact(channels) {
            let colour = if channels == 4 { [pixel[0], pixel[1], pixel[2]] } else { [pixel[0]; 3] };
            rgb.extend_from_slice(&colour);
        }
    }
    Ok((height as usize, width as usize))
}

fn damaged(error: &ImageError) -> ImageFault {
    ImageFault::Damaged { why: error.to_string() }
}

/// Looks at the segments before the pixels: four components are CMYK. The decoder would paint what is missing of a file that
/// ends early, so its end mark must be there.
fn check_jpeg(file: &[u8]) -> Result<(), ImageFault> {
    let short = || ImageFault::Damaged { why: "the file ends early".to_owned() };
    let mut at = 2;
    loop {
        let [0xFF, marker, high, low] = *file.get(at..at + 4).ok_or_else(short)? else {
            return Err(ImageFault::Damaged { why: format!("no marker at byte {at}") });
        };
        if marker == 0xFF {
            at += 1; // A fill byte.
            continue;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            // Start of frame: precision, height, width, components.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let frame = file.get(at + 4..at + 10).ok_or_else(short)?;
                if frame[0] != 8 {
                    return Err(ImageFault::Unsupported { what: "a JPEG of 12 bits a channel" });
                }
                if frame[5] == 4 {
                    return Err(ImageFault::Unsupported { what: "a CMYK JPEG" });
                }
            }
            0xDA => break,
            _ => {}
        }
        at += 2 + length;
    }
    let has_end = file[at..].windows(2).rev().any(|pair| pair == [0xFF, 0xD9]);
    if has_end { Ok(()) } else { Err(short()) }
}
