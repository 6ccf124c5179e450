package athanor.testkit.web.upload;

import athanor.testkit.web.Seen;

/**
 * A PUT that arrived at the storage under a good address.
 *
 * @param oid the SHA-256 that it is for
 * @param upload id of a multipart upload; empty for a whole object
 * @param part from 1; 0 for a whole object
 * @param length what had to come
 * @param request {@link Seen#received} says how much came
 */
public record Receipt(String oid, String upload, int part, long length, Seen request) {}
