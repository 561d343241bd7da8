"""The starter's own WordPiece vocabulary, written as transformers' BertTokenizerFast writes it."""
import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def train_vocab(texts, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None,
                                                      lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL, continuing_subword_prefix="##",
                                        initial_alphabet=[chr(c) for c in range(33, 127) if not chr(c).isupper()],
                                        show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    found = tokenizer.get_vocab()
    # Every ASCII letter and digit also as a continuation, so that no plain word falls to [UNK].
    words = [w for w, _ in sorted(found.items(), key=lambda kv: kv[1])]
    extra = ["##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789" if "##" + c not in found]
    return words + extra


def make_tokenizer(vocab):
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(vocab)}, unk_token="[UNK]",
                                           continuing_subword_prefix="##", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None,
                                                      lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens(SPECIAL)
    cls, sep = vocab.index("[CLS]"), vocab.index("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return tokenizer


def write_tokenizer(vocab, folder, max_length):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(vocab)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n")
    names = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
             "mask_token": "[MASK]"}
    decoder = {str(i): {"content": w, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False,
                        "special": True} for i, w in enumerate(vocab) if w in SPECIAL}
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"added_tokens_decoder": decoder, "clean_up_tokenization_spaces": True, "do_lower_case": True,
         "model_max_length": max_length, "strip_accents": None, "tokenize_chinese_chars": True,
         "tokenizer_class": "BertTokenizer", **names}, indent=1, sort_keys=True) + "\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(names, indent=1) + "\n")
    return tokenizer
