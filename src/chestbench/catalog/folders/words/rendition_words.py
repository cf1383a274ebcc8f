"""Words that say how a picture was made of another: what a program drew over it, what it cut out, how it shows it."""

import re
from collections.abc import Iterator
from functools import lru_cache

from chestbench.catalog.folders.words.words import word_set, words_of

# What shows a result or a finding on the picture, or nothing but the lungs: not a picture to learn from.
_DRAWN = word_set(
    "gradcam gradcams cam cams scorecam layercam heat heatmap heatmaps saliency attention attentions lime shap "
    "xai explanation explanations explained occlusion activation activations overlay overlays overlayed overlaid "
    "superimposed marked marking markings markup highlighted highlight boxes boxed bbox bboxes bounding detection "
    "detections detected visualisation visualisations visualization visualizations visualised visualized vis viz "
    "contour contours contoured outline outlines outlined annotated annotation annotations arrows drawn localized "
    "localised localisation localization pred preds prediction predictions predicted predict output outputs result "
    "results thumbnail thumbnails thumb thumbs preview previews "
    "markiert markierte markierungen vorhersage vorhersagen ergebnis ergebnisse marcada marcadas marcado marcados "
    "anotada anotadas anotado anotados prediccion predicciones resultado resultados annotee annotees annote annotes "
    "resultat resultats "
    "标注 标记 热图 热力图 预测 히트맵 예측 표시 ヒートマップ 予測 注釈"
)
# Of a folder these may name a class as well ("detected" beside "not detected").
_PERHAPS_A_CLASS = word_set(
    "marked detected predicted highlighted localized localised result results activation drawn visualized visualised"
)
_CUT_OUT = word_set("segmented segmentada segmentadas segmentado segmentados segmentiert segmentee segmentees nobg")
# With a number behind them these count visits: "c01_vis2".
_VISITS = frozenset({"vis", "viz"})
# Beside a word of those above, or of those below, these say nothing.
_BESIDE = word_set(
    "map maps with and grad box the of by in on images image img imgs pictures data lung lungs plus only"
)
# Ways to show the same picture: none of them is a picture of somebody else.
_SHOWN = word_set(
    "window windows windowed windowing fenster ventana fenetre denoised denoise filtered filter smoothed smooth "
    "median gaussian sharpened sharpen enhanced enhancement enhance improved clahe equalized equalised equalization "
    "histeq gamma corrected normalized normalised standardized preprocessed preprocess processed postprocessed "
    "resized rescaled downsampled upsampled scaled lowres highres lr hr sr superresolution cropped crop crops padded "
    "bse suppressed suppression dehazed inverted invert negative grayscale greyscale gray grey rgb color colour "
    "colored coloured jet pseudocolor binarized binary edges edge canny sobel lbp wavelet fft wiener bilateral "
    "compressed jpeg jpg png bmp tiff converted kopie copy copia copie kopia copies lossy full small large thumb "
    "original originals raw unprocessed registered aligned reconstructed interpolated quantized"
)
_SIZE = re.compile(r"\d{2,4} ?(?:x|\*|×) ?\d{2,4}|(?:size|px|res(?:olution)?)[ _-]?\d{2,4}|\d{2,4} ?px", re.IGNORECASE)


@lru_cache(maxsize=200_000)
def is_drawn_name(name: str) -> bool:
    """Tell whether a name says that pictures were drawn over, or cut out: "Grad-CAM", "with boxes", "lung only"."""
    words = words_of(name)
    return any(map(is_drawn_word, words)) or {"heat", "map"} <= set(words) or is_cut_out(words)


def may_be_class(name: str) -> bool:
    """Tell whether a name of drawn pictures may be a class's as well: "detected", but not "gradcam results"."""
    words = words_of(name)
    return all(word in _PERHAPS_A_CLASS for word in words if is_drawn_word(word)) and not is_cut_out(words)


def is_drawn_word(word: str) -> bool:
    """Tell whether one word says that a picture was drawn over or cut out."""
    return word in _DRAWN or word in _CUT_OUT


def is_cut_out(words: tuple[str, ...]) -> bool:
    """Tell "lung only", "only the lungs" and "without background"."""
    found = set(words)
    return bool(("only" in found and found & {"lung", "lungs"}) or {"without", "background"} <= found)


def without_drawn(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is left of a name without the words that say that it was drawn over: "covid" of "covid_marked"."""
    if not any(map(is_drawn_word, words)) and not is_cut_out(words):
        return words
    beside = _BESIDE | ({"only", "without", "background"} if is_cut_out(words) else set())
    return tuple(word for word in words if not is_drawn_word(word) and word not in beside)


def counts_visits(words: tuple[str, ...]) -> bool:
    """Tell a name that ends in "vis2", which is a visit, from one in "vis"."""
    return len(words) > 1 and words[-2] in _VISITS and words[-1].isdigit()


def originals_of_drawn(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what a file's original may be called, the longest first: "img 1" of "img_1_grad_cam" and "cam_img_1"."""
    says = [is_drawn_word(word) or word in _BESIDE or word.isdigit() for word in words]
    if counts_visits(words):
        return
    for cut in range(len(words) - 1, 0, -1):
        if all(says[cut:]) and any(map(is_drawn_word, words[cut:])) and not words[cut].isdigit():
            yield words[:cut]
    for cut in range(1, len(words)):
        if all(says[:cut]) and any(map(is_drawn_word, words[:cut])):
            yield words[cut:]


@lru_cache(maxsize=200_000)
def is_rendition(name: str) -> bool:
    """Tell whether a name says how pictures are shown: "lung window", "gamma corrected", "64x64", "Kopie"."""
    return bool(_SIZE.search(name)) or is_drawn_name(name) or not _SHOWN.isdisjoint(words_of(name))
