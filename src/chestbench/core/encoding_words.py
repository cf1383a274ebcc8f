"""Words that tables of pictures hold in other letters than ASCII: a reading of a text in which they stand is right."""

import re

from chestbench.core.names import without_marks
from chestbench.core.negation import STATES


def _words(text: str) -> frozenset[str]:
    return frozenset(without_marks(text).casefold().split())


# Findings, patients and parts of a split; headers and cells; folders.
_TABLES = _words(
    "환자 폐렴 결핵 확진 이상 감염 코로나 훈련 학습 검증 테스트 시험 평가 데이터 데이터셋 새폴더 폴더 "
    "患者 病人 病患 肺炎 肺结核 结核 阳性 异常 感染 新冠 患病 肺癌 患者数据 训练 训练集 验证 验证集 测试 "
    "测试集 数据 数据集 "
    "異常 結核 肺結核 疾患 肺がん 訓練 訓練集 驗證 測試 検証 学習 評価 テスト データ 資料 新規 "
    "пациент больной больные пневмония туберкулез больная ковид обучение тест проверка данные новая папка "
    "gruzlica zapalenie chory zaturre hasta verem pnomoni egitim dogrulama "
    # Korean
    "파일 파일명 이름 번호 등록번호 진단 진단명 판독 소견 라벨 분류 클래스 성별 나이 연령 남자 여자 남성 "
    "여성 촬영 검사 검사일 "
    "이미지 영상 사진 경로 병원 날짜 비고 양성 음성 좌측 우측 흉부 결절 기흉 흉수 의심 없음 있음 경증 중증 "
    # Chinese, simplified and traditional
    "文件 文件名 图像 图片 影像 编号 序号 姓名 诊断 标签 类别 分类 性别 年龄 男性 女性 检查 日期 备注 医院 "
    "住院号 病历号 结节 "
    "气胸 积液 胸腔 阴性 未见 轻症 重症 双肺 左肺 右肺 路径 檔名 檔案 圖像 圖片 編號 序號 診斷 標籤 類別 "
    "分類 性別 年齡 檢查 備註 "
    "醫院 病歷號 結節 氣胸 積水 陰性 陽性 輕症 影像號 "
    # Japanese
    "ファイル ファイル名 画像 診断 診断名 番号 氏名 年齢 所見 検査 検査日 備考 病院 ラベル 分類 クラス 気胸 "
    "胸水 右肺 左肺 疑い "
    "異常なし コロナ 撮影 "
    # Russian, Ukrainian, Greek, Turkish, Polish, Czech
    "файл изображение снимок диагноз пол возраст метка класс дата примечание номер больница мужской женский "
    "норма "
    "пневмоторакс αρχειο εικονα διαγνωση ασθενης φυλο ηλικια ανδρας γυναικα πνευμονια ημερομηνια tani yas "
    "dosya adi "
    "kadin goruntu cinsiyet akciger plec wiek mezczyzna kobieta pluc rozpoznanie vek pohlavi zena muz "
    "diagnoza zapal plic "
    # Hebrew, Arabic, Thai
    "אבחנה גיל מין קובץ מטופל تشخيص عمر جنس ملف صورة مريض المريض วินิจฉัย อายุ เพศ ไฟล์ ผู้ป่วย "
)
_ALL = STATES | _TABLES
# Signs of Chinese, Japanese and Korean stand without gaps between words.
_ARE_SIGNS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,}")
KNOWN = frozenset(word for word in _ALL if len(word) > 2 and not _ARE_SIGNS.fullmatch(word))
KNOWN_SIGNS = re.compile(
    "|".join(sorted((word for word in _ALL if _ARE_SIGNS.fullmatch(word)), key=lambda w: (-len(w), w)))
)
