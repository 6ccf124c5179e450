/**
 * The blocks that block weights address: schemes of slots, the lists that name some of them,
 * presets, and weights. All of it is in tables; a new scheme or list is lines in {@code
 * schemes.txt} and {@code layouts.txt}. Knows no architecture.
 */
@NullMarked
package athanor.model.block;

import org.jspecify.annotations.NullMarked;
