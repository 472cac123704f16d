//! From the bytes of a JPEG or PNG file to RGB, with everything refused that would be decoded into something else than it
//! shows: 16 bits, CMYK, animations, files that end early. Reads no files.

use crate::ImageFault;
use image::codecs::png::PngDecoder;
use image::{ColorType, ImageDecoder};
use std::io::Cursor;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

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
            read_jpeg(file, raw, rgb)
        }
        Kind::Png => {
            let decoder = PngDecoder::new(Cursor::new(file)).map_err(|error| damaged(&error))?;
            if decoder.is_apng().map_err(|error| damaged(&error))? {
                return Err(ImageFault::Unsupported { what: "an animated PNG" });
            }
            read_png(decoder, raw, rgb)
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

/// By the decoder that the `image` crate has inside, without the copy of the file and the second look at its head that it makes.
fn read_jpeg(file: &[u8], raw: &mut Vec<u8>, rgb: &mut Vec<u8>) -> Result<(usize, usize), ImageFault> {
    // Sizes are checked here, before there is memory for them.
    let lenient = DecoderOptions::default().set_strict_mode(false);
    let options = lenient.set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|error| damaged(&error))?;
    let (Some((width, height)), Some(space)) = (decoder.dimensions(), decoder.input_colorspace()) else {
        return Err(ImageFault::Damaged { why: "no frame".to_owned() });
    };
    let pixels = check_size(width as u32, height as u32)?;
    let grey = space == ColorSpace::Luma;
    let wanted = if grey { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(wanted));
    let target = if grey { &mut *raw } else { &mut *rgb };
    target.resize(pixels * wanted.num_components(), 0);
    decoder.decode_into(target).map_err(|error| damaged(&error))?;
    if grey {
        spread(raw, 1, rgb);
    }
    Ok((height, width))
}

/// Number of pixels, if they are not too many.
fn check_size(width: u32, height: u32) -> Result<usize, ImageFault> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS { Err(ImageFault::TooLarge { width, height }) } else { Ok(pixels as usize) }
}

fn read_png(
    mut decoder: impl ImageDecoder,
    raw: &mut Vec<u8>,
    rgb: &mut Vec<u8>,
) -> Result<(usize, usize), ImageFault> {
    let (width, height) = decoder.dimensions();
    let pixels = check_size(width, height)?;
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
    target.resize(pixels * channels, 0);
    decoder.read_image(target).map_err(|error| damaged(&error))?;
    if !direct {
        spread(raw, channels, rgb);
    }
    Ok((height as usize, width as usize))
}

/// Pixels of one, two (with transparency) or four channels to RGB.
fn spread(raw: &[u8], channels: usize, rgb: &mut Vec<u8>) {
    rgb.clear();
    rgb.reserve(raw.len() / channels * 3);
    for pixel in raw.chunks_exact(channels) {
        let colour = if channels == 4 { [pixel[0], pixel[1], pixel[2]] } else { [pixel[0]; 3] };
        rgb.extend_from_slice(&colour);
    }
}

fn damaged(error: &impl std::fmt::Display) -> ImageFault {
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
