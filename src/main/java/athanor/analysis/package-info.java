/**
 * What LoRAs do, before anything is merged: how loud each is, where they meet, how many directions
 * they use, what rounding leaves of them. {@link athanor.analysis.Meeting} is one weight with
 * everything that LoRAs add to it; {@link athanor.analysis.Measurement} what was computed there;
 * the tables are sums over measurements. All numbers are of Frobenius norms and inner products in
 * float64 over float32 factors, the same for any number of threads.
 */
@NullMarked
package athanor.analysis;

import org.jspecify.annotations.NullMarked;
