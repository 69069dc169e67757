"""The engine's networks as a PyTorch user writes them for speed: the reference's modules, with patches cut by reshaping
and captions encoded as one masked batch."""

import torch
import torch.nn.functional as F
from networks import CaptionEncoder, Dit, Mlp, norm, timestep_features


def attend(attention, x, mask):
    """The reference's attention with a mask (B, 1, 1, T) that is true where a token counts."""
    heads = [
        part.unflatten(-1, (attention.heads, -1)).transpose(1, 2) for part in attention.qkv(x).chunk(3, dim=-1)
    ]
    mixed = F.scaled_dot_product_attention(*heads, attn_mask=mask)
    return attention.proj(mixed.transpose(1, 2).flatten(2))


class BatchedCaptionEncoder(CaptionEncoder):
    def forward(self, captions):
        real = captions != 0  # (B, L)
        # An empty caption would attend to nothing: it attends to everything, and counts as nothing in the mean.
        mask = (real | ~real.any(dim=1, keepdim=True))[:, None, None, :]
        h = self.token_embedding(captions) + self.position_embedding
        for block in self.blocks:
            h = h + attend(block.attn, norm(h), mask)
            h = h + block.mlp(norm(h))
        weights = real.to(h.dtype) / real.sum(dim=1, keepdim=True).clamp(min=1)
        return self.proj((norm(h) * weights[..., None]).sum(dim=1))


class FastDit(Dit):
    def __init__(self, captions, width, **others):
        super().__init__(captions=captions, width=width, **others)
        self.caption_embedder = BatchedCaptionEncoder(**captions, outputs=width)

    def forward(self, x, t, condition):
        p, c, side = self.patch, self.channels, self.size // self.patch
        embedding = (
            self.t_embedder.mlp(timestep_features(t, self.width))
            + self.y_embedder(condition["classes"])
            + self.caption_embedder(condition["captions"])
        )
        modulation = self.t_block(embedding).unflatten(1, (6, self.width))
        patches = x.reshape(-1, side, p, side, p * c).transpose(2, 3).reshape(-1, side * side, p * p * c)
        h = self.x_embedder.proj(patches) + self.pos_embed
        for block in self.blocks:
            h = block(h, modulation)
        shift, scale = (self.final_layer.scale_shift_table + embedding[:, None])[:, :, None].unbind(dim=1)
        h = self.final_layer.linear(norm(h) * (1 + scale) + shift)
        return h.reshape(-1, side, side, p, p * c).transpose(2, 3).reshape(x.shape)


def create_network(config):
    """A network of the engine's configuration with random weights, none of them left at zero."""
    options = {key: value for key, value in config.items() if key != "family"}
    network = Mlp(**options) if config["family"] == "mlp" else FastDit(**options)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network


def sample_shape(config):
    if config["family"] == "mlp":
        return (config["dimensions"],)
    return (config["size"], config["size"], config["channels"])


def random_condition(config, batch):
    condition = {"classes": torch.randint(config["classes"], (batch,))}
    captions = config.get("captions")
    if captions:
        condition["captions"] = torch.randint(captions["vocabulary"], (batch, captions["length"]))
    return condition


def empty_condition(config, batch):
    condition = {"classes": torch.full((batch,), config["classes"])}
    captions = config.get("captions")
    if captions:
        condition["captions"] = torch.zeros(batch, captions["length"], dtype=torch.int64)
    return condition
