package athanor.model;

/**
 * Some rows of a checkpoint tensor, along its first dimension.
 *
 * @param key the tensor
 * @param firstRow first row
 * @param rows number of rows
 * @param tensorRows rows of the whole tensor; 1 for a scalar
 */
public record Region(String key, long firstRow, long rows, long tensorRows) {

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if the rows are not inside the tensor
   */
  public Region {
    if (firstRow < 0 || rows < 0 || rows > tensorRows - firstRow) {
      throw new IllegalArgumentException(
          key + ": rows " + firstRow + " + " + rows + " of " + tensorRows);
    }
  }

  /** Whether this is the tensor with all its rows. */
  public boolean isWhole() {
    return rows == tensorRows;
  }

  /** Whether the two have a row in common. */
  public boolean overlaps(Region other) {
    return key.equals(other.key)
        && firstRow < other.firstRow + other.rows
        && other.firstRow < firstRow + rows;
  }

  /** The key, and the rows unless they are all: {@code KEY rows 1280..2560}, the end exclusive. */
  @Override
  public String toString() {
    return isWhole() ? key : key + " rows " + firstRow + ".." + (firstRow + rows);
  }
}
