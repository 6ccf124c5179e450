/**
 * PyTorch checkpoints ({@code .ckpt}, {@code .pt}, {@code .pth}, {@code .bin}) as state dicts, read
 * and written without executing anything.
 *
 * <p>{@link athanor.torchfile.TorchZipFile} reads the archives of PyTorch ≥ 1.6, {@link
 * athanor.torchfile.TorchLegacyFile} what came before; both tell in {@link
 * athanor.torchfile.OtherContents} what they skipped. {@link athanor.torchfile.TorchLayout} writes
 * an archive that {@code torch.load(weights_only=True)} and {@code mmap=True} accept.
 *
 * <p>A checkpoint describes its tensors with a pickle program, which {@code
 * athanor.torchfile.pickle} runs as data: there is nothing a file could run. What remains are lies
 * about sizes, which meet the checks of the readers here and the limits of each room. {@code
 * athanor.torchfile.zip} knows the archive.
 */
@NullMarked
package athanor.torchfile;

import org.jspecify.annotations.NullMarked;
