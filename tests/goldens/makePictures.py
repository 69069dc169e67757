"""Makes `pictures/` and `pictures.json` with programs other than ours: Pillow and Python's zipfile.

    pip install pillow==13.0.0 && python3 makePictures.py
"""
import io
import json
import pathlib
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin

here = pathlib.Path(__file__).parent / "pictures"


def rgba(x, y, size):
    return (x * 255 // (size - 1), y * 255 // (size - 1), 128, 255 if x < size // 2 else 64)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


alpha = Image.new("RGBA", (16, 16))
alpha.putdata([rgba(x, y, 16) for y in range(16) for x in range(16)])
text = PngImagePlugin.PngInfo()
text.add_itxt("stillroom", '{"seed":7,"student":"é","recipe":{"a":[1]}}', "en", "Stillroom")
alpha.save(here / "alpha.png", pnginfo=text)
on_brown = Image.new("RGBA", (16, 16), (200, 100, 50, 255))
on_brown.alpha_composite(alpha)

palette = alpha.convert("RGB").quantize(8)
palette.save(here / "palette.png")

# Four quadrants, stored on their side: EXIF orientation 6 asks viewers to turn it 90° clockwise.
quadrants = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
upright = Image.new("RGB", (32, 32))
upright.putdata([quadrants[(y // 16) * 2 + x // 16] for y in range(32) for x in range(32)])
exif = Image.Exif()
exif[0x0112] = 6
upright.rotate(90).save(here / "sideways.jpg", quality=95, subsampling=0, exif=exif)

# Smooth, so that implementations of Lanczos may differ by rounding only.
smooth = Image.new("RGB", (64, 64))
smooth.putdata([(x * 4, y * 4, (x + y) * 2) for y in range(64) for x in range(64)])
smooth.save(here / "smooth.png")

wide = Image.new("RGB", (24, 8), (255, 255, 255))
wide.paste((255, 0, 0), (8, 0, 16, 8))
wide.save(here / "wide.png")

frames = [Image.new("RGB", (16, 16), colour) for colour in ((255, 0, 0), (0, 0, 255), (0, 255, 0))]
frames[0].save(here / "animated.gif", save_all=True, append_images=frames[1:], duration=100)
frames[2].save(here / "green.webp", lossless=True)

whole = (here / "smooth.png").read_bytes()
(here / "cut-off.png").write_bytes(whole[: len(whole) // 2])
header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
(here / "huge.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
)

flat = lambda image: list(image.convert("RGB").tobytes())
here.with_suffix(".json").write_text(
    json.dumps(
        {
            "alphaOnBrown": flat(on_brown),
            "palette": flat(palette),
            "upright": flat(upright),
            "smooth32": flat(smooth.resize((32, 32), Image.LANCZOS)),
        }
    )
)


def archive(name, entries):
    with zipfile.ZipFile(here / name, "w", zipfile.ZIP_DEFLATED) as target:
        for entry, data in entries:
            info = entry if isinstance(entry, zipfile.ZipInfo) else zipfile.ZipInfo(entry)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, data)


png = (here / "alpha.png").read_bytes()
red = io.BytesIO()
frames[0].save(red, "png")
archive(
    "good.zip",
    [
        ("set/cats/grey cat.png", png),
        ("set/dogs/rex_01.png", red.getvalue()),
        ("set/dogs/rex_01.txt", "a red\n dog, sitting"),
        ("__MACOSX/set/cats/._grey cat.png", b"resource fork"),
        ("set/notes.md", "not a picture"),
    ],
)
archive("traversal.zip", [("a.png", png), ("../../escaped.png", png)])
archive("absolute.zip", [("/tmp/escaped.png", png)])
archive("drive.zip", [("C:\\escaped.png", png)])
archive("case.zip", [("A.png", png), ("a.png", png)])
archive("bomb.zip", [("zeros.png", bytes(20 * 2**20))])
link = zipfile.ZipInfo("link.png")
link.external_attr = 0o120777 << 16
archive("link.zip", [(link, "/etc/passwd")])

# Both names in the directory point at one stored file.
raw = bytearray((here / "case.zip").read_bytes())
second = raw.rindex(b"PK\x01\x02")
raw[second + 42 : second + 46] = struct.pack("<I", 0)
raw[second + 46 : second + 51] = b"b.png"
(here / "overlap.zip").write_bytes(raw)

# A flipped bit in the packed data of the first picture, and a file that unpacks to more than it declares.
raw = bytearray((here / "good.zip").read_bytes())
raw[30 + len("set/cats/grey cat.png") + 60] ^= 0x10
(here / "damaged.zip").write_bytes(raw)
raw = bytearray((here / "case.zip").read_bytes())
raw[second + 46 : second + 51] = b"b.png"
first = raw.index(b"PK\x01\x02")
for start, size in ((first, 10), (second, 10)):
    raw[start + 24 : start + 28] = struct.pack("<I", size)
(here / "understated.zip").write_bytes(raw)
