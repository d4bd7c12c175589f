"""The words that open models' names are made of, as the whole field uses them; none is about one laboratory."""

import re

# How the same weights are stored, or for which program: never another model.
FORMATS = frozenset(
    "gguf ggml awq gptq autoawq autogptq autoround exl2 exl3 bnb hqq ct ct2 bf16 fp16 fp32 fp8 fp4 f16 f32 nvfp4 mxfp4"
    " mxfp8 nf4 int4 int8 int4mix bit block dynamic imatrix qat quant quantized unquantized smoothquant marlin torchao"
    " mlx mlc onnx openvino ov mnn coreml paddle pt hf torch pytorch jax flax keras timm openclip diffusers safetensors"
    " litert tflite trt tensorrt comfyui sgl vllm transformers original llamafied eagle eagle3 mtp".split()
)
FORMAT_PATTERN = re.compile(r"\d+(?:\.\d+)?bits?|w\d+a\d+\w*|wint\d+|i?q\d(?:\.\d)?|tp\d|g(?:s|roup)?\d+")

# What comes with a model, or stands beside it in a system.
PARTS = frozenset("rm prm orm reward tokenizer vae encoder decoder draft guard guardian safeguard".split())

# Stages of training, architectures, tasks and languages: siblings of one launch differ in them.
ROLES = PARTS | frozenset(
    "base instruct inst chat it pt sft dpo grpo ppo rl rlhf rlvr thinking think nothink reasoning reasoner prerelease"
    " pretrain pretrained distill distilled distil lightning turbo zero lora moe dense"
    " t2i i2i t2v i2v ti2v v2v img2img vqa en zh cn chinese english multilingual".split()
)

# Siblings of one launch that differ in size only: "V4-Flash" and "V4-Pro", "Voxtral-Mini" and "-Small".
TIERS = frozenset(
    "nano tiny mini small medium large huge lite light flash pro max plus air ultra super xs xl xxl".split()
)

# Parameters, experts, context, patches, pixels, seconds, rates and steps: "8x7B", "A3B", "16E", "128K", "patch14".
SIZE = re.compile(
    r"(?:\d+x)?[ae]?\d+(?:\.\d+)?[bmkt](?:mqa)?|\d+e|so\d+m|patch\d+|\d+(?:px|p|hz|khz|s|steps?)|[bs]\d"
    r"|224|256|336|378|384|448|512|640"
)

# "3", "v3.1", "r1", "0324", "4.5v", and what comes before a version. The letters left out count layers and
# dimensions ("L12", "H384").
VERSION = re.compile(r"[f-gi-km-rt-z]?\d+(?:\.\d+)*[a-z]?|alpha|beta|preview")

# Models that see, and those of their series that do not.
VISION = frozenset("vl v vlm vis vision visual text".split())

# Lines of business: another one is another product, even on the same day.
FIELDS = VISION | frozenset(
    "coder code math prover audio speech voice tts asr ocr image video edit 3d world music mt translate omni o"
    " embedding search agent gui vla medical bio law finance rag".split()
)

# One product goes by these names.
SYNONYMS = {"reranker": "embedding", "rerank": "embedding", "embed": "embedding"}

# Families whose weights others build upon: behind a product's own name they say what it was made of.
FOREIGN = re.compile(
    r"(?:llama|qwen|gemma|mistral|mixtral|phi|vicuna|bert|roberta|t5|gpt2|opt|falcon|pythia|deepseek|internlm|yi"
    r"|baichuan|chatglm|glm|olmo|smollm)\d*(?:\.\d+)*"
)
