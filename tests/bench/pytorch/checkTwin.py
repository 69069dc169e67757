"""That what is timed is Decoupled DMD: whole iterations against tests/goldens/reference, which the engine is held to.

Both take the reference's random streams, in float64; the networks are small. Fails with what differs."""

import copy

import torch
from iteration import Distillation
from models import FastDit, Mlp, empty_condition, sample_shape
from networks import Dit
from trainer import Trainer

ITERATIONS, BATCH, DEVIATION, TOLERANCE = 3, 4, 0.7, 1e-9
MLP = {"family": "mlp", "dimensions": 2, "width": 16, "layers": 3, "classes": 3}
CAPTIONS = {"vocabulary": 11, "length": 5, "width": 8, "layers": 2, "heads": 2}
DIT = {
    "family": "dit", "size": 8, "channels": 3, "patch": 4, "width": 16, "layers": 2, "heads": 2, "classes": 3,
    "captions": CAPTIONS,
}  # fmt: skip
RECIPE = {
    "seed": 5,
    "student": {"steps": 3, "shift": 2, "emaDecay": 0.9},
    "guidance": {"scale": 3},
    "cfgAugmentation": {"weight": 0.7, "rangeMin": 0, "rangeMax": 0.98},
    "distributionMatching": {"weight": 1.3, "rangeMin": 0, "rangeMax": 0.98},
    "meanVariance": {"weight": 0},
    "renoising": {"schedule": "decoupled-hybrid", "shift": 1.5, "normalizer": "per-sample"},
    "fakeScore": {"learningRate": 3e-3, "stepsPerStudentStep": 2},
    "optimizer": {"learningRate": 2e-3, "beta1": 0.5, "beta2": 0.9, "weightDecay": 0.05, "clipNorm": 0.3},
    "training": {"batch": BATCH},
}


def condition_of(config, draw):
    condition = {"classes": (draw + torch.arange(BATCH)) % 3}
    if config["family"] == "dit":
        captions = [[2, 5, 7, 3, 9], [2, 4, 0, 0, 0], [0, 0, 0, 0, 0], [2, 8, 8, 0, 0]]
        condition["captions"] = torch.tensor(captions).roll(draw, 0)
    return condition


class ReferenceDraws:
    def __init__(self, trainer):
        self.trainer, self.batch = trainer, BATCH

    def index(self, draw):
        return int(self.trainer.uniform("simulation", draw, 1).item() * len(self.trainer.times))

    def noise(self, purpose, step, index=0):
        return self.trainer.noise(purpose, step, index)

    def uniform(self, purpose, step):
        return self.trainer.uniform(purpose, step, self.batch)

    def condition(self, draw):
        return self.trainer.condition_of(draw)


def largest_difference(ours, reference):
    pairs = zip(ours.parameters(), dict(reference.named_parameters()).values(), strict=True)
    return max(((a - b).abs().max() / b.abs().max().clamp(min=1e-3)).item() for a, b in pairs)


def check(config):
    torch.manual_seed(1)
    options = {key: value for key, value in config.items() if key != "family"}
    reference = (Mlp(**options) if config["family"] == "mlp" else Dit(**options)).double()
    with torch.no_grad():
        for parameter in reference.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    twin = copy.deepcopy(reference) if config["family"] == "mlp" else FastDit(**options).double()
    twin.load_state_dict(reference.state_dict())
    trainer = Trainer(
        reference,
        RECIPE,
        {"mean": 0, "variance": 1},
        lambda draw: condition_of(config, draw),
        empty_condition(config, BATCH),
        DEVIATION,
        (BATCH, *sample_shape(config)),
    )
    distillation = Distillation(twin, config, RECIPE, ReferenceDraws(trainer), DEVIATION)
    for i in range(ITERATIONS):
        trainer.iterate(i)
        distillation.iterate(i)
    pairs = {
        "student": (distillation.student, trainer.roles[0]),
        "fake score": (distillation.fake, trainer.roles[2]),
        "averages": (distillation.averages, trainer.average),
    }
    for name, (ours, theirs) in pairs.items():
        difference = largest_difference(ours, theirs)
        if not difference < TOLERANCE:
            raise SystemExit(f"{config['family']}: the {name} differs from the reference by {difference:.2g}")


def main():
    for config in (MLP, DIT):
        check(config)


if __name__ == "__main__":
    main()
