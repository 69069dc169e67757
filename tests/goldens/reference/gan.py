"""The GAN regulariser in torch: DMD2's losses, and R1 as a finite difference (arXiv 2501.08316)."""

import torch
import torch.nn.functional as F
from distillation import fake_loss, student_loss
from flow import edm, predict_x1, renoise
from torch import nn

SIGMA = 0.05


def feature_layers(layers):
    return sorted({-(-part * layers // 3) for part in (1, 2, 3)})


def features(net, x_t, t, condition, deviation):
    """Forward hooks catch what the layers hold; the MLP's activations are seen at the inputs of what follows them."""
    caught, hooks = [], []
    if hasattr(net, "blocks"):
        layers = list(net.blocks)
        hooks = [layer.register_forward_hook(lambda _m, _i, out: caught.append(out)) for layer in layers]
    else:
        layers = [*net.hidden.values(), net.output]
        hooks = [layer.register_forward_pre_hook(lambda _m, i: caught.append(i[0][:, None])) for layer in layers]
    scale, _, _, c_in = edm(t, x_t, deviation)
    net(c_in * (x_t / scale), t, condition)
    for hook in hooks:
        hook.remove()
    return [caught[layer - 1] for layer in feature_layers(len(layers))]


class Head(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 64), nn.Linear(64, 1)

    def forward(self, tokens):
        h = F.silu(self.fc1(F.layer_norm(tokens, tokens.shape[-1:], eps=1e-6)))
        return self.fc2(h.mean(dim=1))


class Heads(nn.Module):
    def __init__(self, count, width):
        super().__init__()
        self.heads = nn.ModuleList(Head(width) for _ in range(count))

    def forward(self, all_features):
        return torch.cat([head(tokens) for head, tokens in zip(self.heads, all_features)], dim=1)


def logits(net, heads, x_t, t, condition, deviation):
    return heads(features(net, x_t, t, condition, deviation))


def adversarial(sign, values):
    """Binary cross-entropy with logits: for `real` labels 1, for generated 0."""
    return F.binary_cross_entropy_with_logits(values, torch.full_like(values, sign))


def generator_loss(net, heads, x, noise, tau, condition, deviation):
    return adversarial(1.0, logits(net, heads, renoise(x, noise, tau), tau, condition, deviation))


def discriminator_loss(net, heads, real, generated, penalty, deviation):
    """`real` and `generated` are (x, noise, τ, condition); `penalty` is (γ, ε)."""
    x_real, x_generated = (renoise(x, noise, tau) for x, noise, tau, _ in (real, generated))
    on_real = logits(net, heads, x_real, real[2], real[3], deviation)
    on_generated = logits(net, heads, x_generated, generated[2], generated[3], deviation)
    weight, direction = penalty
    moved = logits(net, heads, x_real + SIGMA * direction, real[2], real[3], deviation)
    r1 = ((moved - on_real) ** 2).mean() / SIGMA**2
    return adversarial(1.0, on_real) + adversarial(0.0, on_generated) + weight / 2 * r1, r1


def backbone_of(roles, recipe):
    """DMD2's discriminator looks on the fake score's features; without DM it looks on the frozen teacher's."""
    return roles[2] if recipe["distributionMatching"]["weight"] > 0 else roles[1]


def student_gan_loss(roles, heads, recipe, target, draws, empty, deviation):
    """DMD2's whole student loss: distribution matching and the generator's side of the GAN."""
    loss, metrics = student_loss(roles, recipe, target, draws, empty, deviation)
    x = predict_x1(roles[0], draws["z"], draws["t"], draws["condition"], deviation)
    adversary = generator_loss(
        backbone_of(roles, recipe), heads, x, draws["noiseGan"], draws["tauGan"], draws["condition"], deviation
    )
    return loss + recipe["gan"]["weight"] * adversary, {**metrics, "gan_loss": adversary.detach()}


def critic_loss(roles, heads, recipe, draws, deviation):
    """L_fake + w·L_D on one detached batch of the student; without DM L_D alone."""
    z, t, condition = draws["z"], draws["t"], draws["condition"]
    with torch.no_grad():
        x = predict_x1(roles[0], z, t, condition, deviation)
    real = draws["real"], draws["noiseReal"], draws["tauReal"], draws["realCondition"]
    generated = x, draws["noiseGenerated"], draws["tauGenerated"], condition
    backbone, penalty = backbone_of(roles, recipe), (recipe["gan"]["r1"], draws["direction"])
    loss, r1 = discriminator_loss(backbone, heads, real, generated, penalty, deviation)
    metrics = {"discriminator_loss": (loss - penalty[0] / 2 * r1).detach()}
    loss = recipe["gan"]["discriminatorWeight"] * loss
    if recipe["distributionMatching"]["weight"] > 0:
        fake = fake_loss(roles, z, t, condition, draws["noise"], draws["tau"], deviation)
        metrics["fake_loss"] = fake.detach()
        loss = loss + fake
    return loss, metrics
