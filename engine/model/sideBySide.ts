/** A network that takes its batches through in lanes. */
import { inLanes } from '../tensor/lanes.ts';
import type { Tensor, Tensor1D, Tensor2D } from '../tensor/tf.ts';
import type { Condition, Network } from './network.ts';

export function sideBySide(network: Network): Network {
  return {
    ...network,
    apply(parameters, x, t, condition) {
      const [output] = inLanes(toTensors(x, t, condition), (part) => [
        network.apply(parameters, ...fromTensors(part, condition)),
      ]);
      return output as Tensor;
    },
    features: (parameters, x, t, condition) =>
      inLanes(toTensors(x, t, condition), (part) =>
        network.features(parameters, ...fromTensors(part, condition)),
      ),
  };
}

const toTensors = (x: Tensor, t: Tensor1D, { classes, captions }: Condition): Tensor[] => [
  ...[x, t],
  ...(classes ? [classes] : []),
  ...(captions ? [captions] : []),
];

function fromTensors([x, t, ...rest]: Tensor[], whole: Condition): [Tensor, Tensor1D, Condition] {
  const condition = {
    ...(whole.classes && { classes: rest.shift() as Tensor1D }),
    ...(whole.captions && { captions: rest.shift() as Tensor2D }),
  };
  return [x as Tensor, t as Tensor1D, condition];
}
