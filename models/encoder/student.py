"""Post-norm Transformer text encoder (BERT's order), in PyTorch.

One class serves the student (factorised word table, projection head) and the BERT-type teachers (full word
table, no head). Shape letters: B texts, T tokens, C channels, H heads, F feed-forward, V pieces, E word-vector
size, D output size.

Sources: Devlin et al. 2019 (BERT); Lan et al. 2020 (factorised embeddings); Kusupati et al. 2022 (Matryoshka).
"""

import dataclasses
import json

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATION_LEVELS = 127  # 7-bit unsigned: the relaxed SIMD dot product is exact on every engine up to 127
WEIGHT_LEVELS = 127  # signed 8-bit, symmetric


@dataclasses.dataclass(frozen=True)
class Config:
    """Shape of an encoder. `projection_size` 0 means that the pooled state is the output."""

    vocab_size: int
    hidden_size: int = 384
    num_hidden_layers: int = 3
    num_attention_heads: int = 12
    intermediate_size: int = 1536
    max_position_embeddings: int = 128
    layer_norm_eps: float = 1e-12
    embedding_size: int = 128
    projection_size: int = 256

    def to_json(self):
        """The checkpoint's config.json: Hugging Face BERT keys plus this project's own."""
        keys = dataclasses.asdict(self)
        fixed = {
            "model_type": "bert",
            "hidden_act": "gelu",
            "type_vocab_size": 1,
            "pad_token_id": 0,
            "pooling": "mean",
            "matryoshka_dims": [64, 128, 256],
        }
        return json.dumps({**fixed, **keys}, indent=2) + "\n"


def fake_quantise_weight(weight):
    """Rounds [out, in] to signed 8-bit steps per output row; the gradient passes straight through."""
    scale = weight.detach().abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / WEIGHT_LEVELS
    rounded = torch.clamp(torch.round(weight / scale), -WEIGHT_LEVELS, WEIGHT_LEVELS) * scale
    return weight + (rounded - weight).detach()


def fake_quantise_activation(x):
    """Rounds [..., in] to 128 even steps between each token's least and greatest value, straight through."""
    low = x.detach().amin(dim=-1, keepdim=True)
    step = (x.detach().amax(dim=-1, keepdim=True) - low).clamp_min(1e-12) / ACTIVATION_LEVELS
    rounded = torch.round((x - low) / step) * step + low
    return x + (rounded - x).detach()


class Linear(nn.Linear):
    """A linear layer that can imitate the runtime's int8 arithmetic while it trains."""

    quantised = False

    def forward(self, x):
        if not self.quantised:
            return F.linear(x, self.weight, self.bias)
        return F.linear(fake_quantise_activation(x), fake_quantise_weight(self.weight), self.bias)


class Layer(nn.Module):
    """Attention, add, norm, feed-forward (GELU by erf), add, norm."""

    def __init__(self, config):
        super().__init__()
        channels, eps = config.hidden_size, config.layer_norm_eps
        self.heads = config.num_attention_heads
        self.scale = (channels // self.heads) ** -0.5
        self.qkv = Linear(channels, 3 * channels)
        self.out = Linear(channels, channels)
        self.norm1 = nn.LayerNorm(channels, eps)
        self.up = Linear(channels, config.intermediate_size)
        self.down = Linear(config.intermediate_size, channels)
        self.norm2 = nn.LayerNorm(channels, eps)

    def forward(self, x, mask):
        """x is [B,T,C]; mask is [B,1,1,T], added to the scores: 0, or very low at padding."""
        batch, tokens, channels = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        # Written out: at 16 to 128 tokens on a CPU the fused call's backward costs more than both products.
        scores = (q * self.scale) @ k.transpose(-1, -2) + mask
        mixed = torch.softmax(scores, dim=-1) @ v
        x = self.norm1(x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, channels)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """Token ids to one L2-normalised vector a text."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        width = config.embedding_size
        self.word = nn.Embedding(config.vocab_size, width)
        self.word_projection = None if width == config.hidden_size else nn.Linear(width, config.hidden_size, bias=False)
        self.position = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type = nn.Embedding(1, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.head = nn.Linear(config.hidden_size, config.projection_size, bias=False) if config.projection_size else None
        self.quantised = False
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)

    def quantise(self, on=True):
        """Switches the imitation of int8 weights and 7-bit activations on or off."""
        self.quantised = on
        for module in self.modules():
            if isinstance(module, Linear):
                module.quantised = on

    def pooled(self, ids, lengths):
        """ids [B,T] padded with 0, lengths [B] -> mean over each text's tokens [B,C]."""
        tokens = ids.shape[1]
        keep = torch.arange(tokens)[None, :] < lengths[:, None]
        table = fake_quantise_weight(self.word.weight) if self.quantised and self.word_projection else self.word.weight
        x = F.embedding(ids, table)
        if self.word_projection is not None:
            x = self.word_projection(x)
        x = self.norm(x + self.position.weight[:tokens] + self.token_type.weight[0])
        mask = torch.where(keep, 0.0, -1e4)[:, None, None, :]
        if torch.is_autocast_enabled("cpu"):
            mask = mask.to(torch.get_autocast_dtype("cpu"))
        for layer in self.layers:
            x = layer(x, mask)
        x = x.float() * keep[:, :, None]
        return x.sum(dim=1) / lengths[:, None]

    def project(self, ids, lengths):
        """As forward, but before the L2 normalisation; a nested prefix is normalised by its user."""
        x = self.pooled(ids, lengths)
        return x if self.head is None else F.linear(x, self.head.weight).float()

    def forward(self, ids, lengths):
        """ids [B,T], lengths [B] -> unit vectors [B,D]."""
        return F.normalize(self.project(ids, lengths), dim=-1)
