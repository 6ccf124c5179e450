package athanor.file;

/**
 * Some bytes of a file.
 *
 * @param file the open file
 * @param position first byte
 * @param length number of bytes
 */
public record FileRange(InputFile file, long position, long length) {}
