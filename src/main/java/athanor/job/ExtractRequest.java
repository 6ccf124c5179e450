package athanor.job;

import athanor.merge.lora.extract.ExtractionOptions;
import java.nio.file.Path;

/**
 * An extraction as the user asked for it.
 *
 * @param base the original checkpoint
 * @param tuned the checkpoint whose difference is wanted
 * @param options how to extract
 * @param saysSd2 whether the user said that they are SD 2.x; compared with the files, which decide
 * @param saysSdxl the same for SDXL
 * @param predictsV whether the user said that the tuned one predicts v; only that user knows
 * @param writeMetadata whether the entries of the model specification are written
 */
public record ExtractRequest(
    Path base,
    Path tuned,
    ExtractionOptions options,
    boolean saysSd2,
    boolean saysSdxl,
    boolean predictsV,
    boolean writeMetadata) {}
