package athanor.testkit.web.upload;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a signed address allows.
 *
 * @param serial counts all addresses
 * @param upload a multipart upload, or null for a whole object
 * @param part from 1; 0 for a whole object
 * @param length bytes of the body; −1 if any
 */
record Grant(
    long serial,
    String oid,
    @Nullable MultipartUpload upload,
    int part,
    long length,
    Instant expires) {}
