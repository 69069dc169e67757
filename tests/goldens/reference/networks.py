"""The engine's networks as ordinary torch modules, under the same parameter names. Not for training: for comparison."""

import math

import torch
import torch.nn.functional as F
from torch import nn

EPSILON = 1e-6


def timestep_features(t, width):
    """Sinusoids (Vaswani et al. 2017) of 1000·t with periods up to 10000·2π: cosines, then sines."""
    k = torch.arange(width // 2, dtype=t.dtype)
    angles = 1000 * t[:, None] * torch.exp(-math.log(10000) * k / (width // 2))
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class ClassEmbedder(nn.Module):
    def __init__(self, classes, width):
        super().__init__()
        self.embedding_table = nn.Embedding(classes + 1, width)

    def forward(self, classes):
        return self.embedding_table(classes)


class Mlp(nn.Module):
    def __init__(self, dimensions, width, layers, classes):
        super().__init__()
        self.input = nn.Linear(dimensions + 32, width)
        self.hidden = nn.ModuleDict({str(i): nn.Linear(width, width) for i in range(1, layers)})
        self.output = nn.Linear(width, dimensions)
        self.y_embedder = ClassEmbedder(classes, width)

    def forward(self, x, t, condition):
        h = self.input(torch.cat([x, timestep_features(t, 32)], dim=1))
        h = F.silu(h + self.y_embedder(condition["classes"]))
        for layer in self.hidden.values():
            h = F.silu(layer(h))
        return self.output(h)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.heads = heads

    def forward(self, x):
        heads = [part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1)]
        return self.proj(F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        h = self.fc1(x)
        return self.fc2(h * torch.sigmoid(1.702 * h))


def norm(x):
    return F.layer_norm(x, x.shape[-1:], eps=EPSILON)


class EncoderBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attn = Attention(width, heads)
        self.mlp = FeedForward(width)

    def forward(self, h):
        h = h + self.attn(norm(h))
        return h + self.mlp(norm(h))


class CaptionEncoder(nn.Module):
    """Each caption is run alone and cut at its padding, so that no mask is needed: the engine's must do the same."""

    def __init__(self, vocabulary, length, width, layers, heads, outputs):
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.position_embedding = nn.Parameter(torch.zeros(length, width))
        self.blocks = nn.ModuleList(EncoderBlock(width, heads) for _ in range(layers))
        self.proj = nn.Linear(width, outputs)

    def encode(self, ids):
        ids = ids[ids != 0]
        if len(ids) == 0:
            return self.proj.bias
        h = (self.token_embedding(ids) + self.position_embedding[: len(ids)])[None]
        for block in self.blocks:
            h = block(h)
        return self.proj(norm(h)[0].mean(dim=0))

    def forward(self, captions):
        return torch.stack([self.encode(ids) for ids in captions])


class DitBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.scale_shift_table = nn.Parameter(torch.zeros(6, width))
        self.attn = Attention(width, heads)
        self.mlp = FeedForward(width)

    def forward(self, h, modulation):
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = (
            (self.scale_shift_table + modulation).unsqueeze(2).unbind(dim=1)
        )
        h = h + gate_a * self.attn(norm(h) * (1 + scale_a) + shift_a)
        return h + gate_m * self.mlp(norm(h) * (1 + scale_m) + shift_m)


class PatchEmbedder(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.proj = nn.Linear(inputs, width)


class TimestepEmbedder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))


class FinalLayer(nn.Module):
    def __init__(self, width, outputs):
        super().__init__()
        self.scale_shift_table = nn.Parameter(torch.zeros(2, width))
        self.linear = nn.Linear(width, outputs)


class Dit(nn.Module):
    """DiT with adaLN-single (PixArt). Patches are cut and laid by (transposed) convolution; images are (B, H, W, C)."""

    def __init__(self, size, channels, patch, width, layers, heads, classes, captions):
        super().__init__()
        self.size, self.channels, self.patch, self.width = size, channels, patch, width
        self.pos_embed = nn.Parameter(torch.zeros((size // patch) ** 2, width))
        self.x_embedder = PatchEmbedder(patch * patch * channels, width)
        self.t_embedder = TimestepEmbedder(width)
        self.t_block = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.y_embedder = ClassEmbedder(classes, width)
        self.caption_embedder = CaptionEncoder(**captions, outputs=width)
        self.blocks = nn.ModuleList(DitBlock(width, heads) for _ in range(layers))
        self.final_layer = FinalLayer(width, patch * patch * channels)

    def forward(self, x, t, condition):
        p, c = self.patch, self.channels
        embedding = (
            self.t_embedder.mlp(timestep_features(t, self.width))
            + self.y_embedder(condition["classes"])
            + self.caption_embedder(condition["captions"])
        )
        modulation = self.t_block(embedding).unflatten(1, (6, self.width))
        kernel = self.x_embedder.proj.weight.view(-1, p, p, c).permute(0, 3, 1, 2)
        h = F.conv2d(x.permute(0, 3, 1, 2), kernel, self.x_embedder.proj.bias, stride=p)
        h = h.flatten(2).transpose(1, 2) + self.pos_embed
        for block in self.blocks:
            h = block(h, modulation)
        shift, scale = (self.final_layer.scale_shift_table + embedding[:, None])[:, :, None].unbind(dim=1)
        h = (norm(h) * (1 + scale) + shift).transpose(1, 2).unflatten(2, (self.size // p, -1))
        kernel = self.final_layer.linear.weight.view(p, p, c, -1).permute(3, 2, 0, 1)
        image = F.conv_transpose2d(h, kernel, stride=p).permute(0, 2, 3, 1)
        return image + self.final_layer.linear.bias.view(p, p, c).tile(self.size // p, self.size // p, 1)
