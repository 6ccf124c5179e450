package athanor.torchfile.pickle;

import athanor.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An element type of PyTorch: its names, the class of a storage of it, its width, and the {@link
 * DType} of its elements. Types without the last are recognised in order to be refused by name.
 */
public enum TorchType {
  FLOAT64("float64", "double", "Double", 8, DType.F64),
  FLOAT32("float32", "float", "Float", 4, DType.F32),
  FLOAT16("float16", "half", "Half", 2, DType.F16),
  BFLOAT16("bfloat16", null, "BFloat16", 2, DType.BF16),
  INT64("int64", "long", "Long", 8, DType.I64),
  INT32("int32", "int", "Int", 4, DType.I32),
  INT16("int16", "short", "Short", 2, DType.I16),
  INT8("int8", null, "Char", 1, DType.I8),
  UINT8("uint8", null, "Byte", 1, DType.U8),
  BOOL("bool", null, "Bool", 1, DType.BOOL),
  COMPLEX64("complex64", "cfloat", "ComplexFloat", 8, DType.C64),
  UINT16("uint16", null, null, 2, DType.U16),
  UINT32("uint32", null, null, 4, DType.U32),
  UINT64("uint64", null, null, 8, DType.U64),
  FLOAT8_E4M3FN("float8_e4m3fn", null, null, 1, DType.F8_E4M3),
  FLOAT8_E4M3FNUZ("float8_e4m3fnuz", null, null, 1, DType.F8_E4M3FNUZ),
  FLOAT8_E5M2("float8_e5m2", null, null, 1, DType.F8_E5M2),
  FLOAT8_E5M2FNUZ("float8_e5m2fnuz", null, null, 1, DType.F8_E5M2FNUZ),
  FLOAT8_E8M0FNU("float8_e8m0fnu", null, null, 1, DType.F8_E8M0),
  /** Two F4 elements a byte: the last dimension is half of what {@link DType#F4} counts. */
  FLOAT4_E2M1FN_X2("float4_e2m1fn_x2", null, null, 1, DType.F4),
  COMPLEX32("complex32", "chalf", null, 4, null),
  COMPLEX128("complex128", "cdouble", "ComplexDouble", 16, null),
  QINT8("qint8", null, "QInt8", 1, null),
  QUINT8("quint8", null, "QUInt8", 1, null),
  QINT32("qint32", null, "QInt32", 4, null),
  QUINT4X2("quint4x2", null, "QUInt4x2", 1, null),
  QUINT2X4("quint2x4", null, "QUInt2x4", 1, null);

  private static final Map<DType, TorchType> BY_DTYPE =
      Arrays.stream(values())
          .filter(type -> type.dtype != null)
          .collect(Collectors.toUnmodifiableMap(type -> type.dtype().get(), Function.identity()));

  private final String torchName;
  private final @Nullable String alias;
  private final @Nullable String storagePrefix;
  private final int width;
  private final @Nullable DType dtype;

  TorchType(
      String torchName,
      @Nullable String alias,
      @Nullable String storagePrefix,
      int width,
      @Nullable DType dtype) {
    this.torchName = torchName;
    this.alias = alias;
    this.storagePrefix = storagePrefix;
    this.width = width;
    this.dtype = dtype;
  }

  /** The PyTorch type that holds elements of {@code dtype}; empty for F6. */
  public static Optional<TorchType> of(DType dtype) {
    return Optional.ofNullable(BY_DTYPE.get(dtype));
  }

  /** The name in the module {@code torch}, for example {@code float16}. */
  public String torchName() {
    return torchName;
  }

  /** The other name, for example {@code half}. */
  Optional<String> alias() {
    return Optional.ofNullable(alias);
  }

  /** What stands before {@code Storage} and {@code Tensor} in the classes of this type. */
  Optional<String> storagePrefix() {
    return Optional.ofNullable(storagePrefix);
  }

  /** Bytes per element. */
  public int width() {
    return width;
  }

  /** The type here; empty where there is none. */
  public Optional<DType> dtype() {
    return Optional.ofNullable(dtype);
  }
}
