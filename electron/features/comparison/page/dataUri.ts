/** Images inside the page, so that it asks for no other file. */
import sharp from 'sharp';
import { toBytes, type FloatImages } from '../../../../engine/data/png.ts';
import { enlargement } from '../pixelPicture.ts';

/** Every image as a PNG of about 128 pixels, small ones with squares for pixels, so that no browser blurs them. */
export async function dataUris(images: FloatImages): Promise<string[]> {
  const { data, count, height, width } = images;
  const scale = enlargement(Math.max(height, width));
  const length = height * width * 3;
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const pixels = toBytes(data.subarray(index * length, (index + 1) * length));
      const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize(width * scale, height * scale, { kernel: 'nearest' })
        .png({ compressionLevel: 9 })
        .toBuffer();
      return `data:image/png;base64,${png.toString('base64')}`;
    }),
  );
}
