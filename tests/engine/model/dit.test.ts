import { describe, expect, test } from 'vitest';

import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { patchify, unpatchify } from '../../../engine/model/dit.ts';
import { range, tensor4d } from '../../../engine/tensor/tf.ts';
import { expectNetworkLikeGolden } from '../../support/expectNetwork.ts';

expectNetworkLikeGolden('dit');

describe('patches', () => {
  test('hold their pixels row by row, channels last, and go back to the same image', async () => {
    await activateBackend('wasm');
    // A 4×4 image of one channel, pixel (row, column) = 4·row + column, cut into 2×2 patches.
    const image = tensor4d(await range(0, 16).data(), [1, 4, 4, 1]);
    const patches = patchify(image, 2);
    expect(await patches.array()).toEqual([
      [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
      ],
    ]);
    expect(await unpatchify(patches, 2, 4, 1).array()).toEqual(await image.array());
  });
});
